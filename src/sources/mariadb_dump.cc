#include "sources/mariadb_dump.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/process_stream.h"
#include "sources/mariadb_errors.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kAlter = "ALTER DATABASE ";
constexpr std::string_view kCharacterSet = " CHARACTER SET ";
// A name has 64 characters of up to 3 bytes, each of which may be a doubled quote.
constexpr size_t kLongestStatement = 1024;
constexpr size_t kBlockBytes = size_t{256} * 1024;

bool MayBecomeStatement(std::string_view line) {
  const std::string_view begin = "ALTER DATABASE `";
  return line.size() <= kLongestStatement && line.substr(0, begin.size()) == begin.substr(0, line.size());
}

// The line as it is, or without the database's name.
std::string Rewritten(std::string_view line) {
  std::string_view rest = line;
  if (!TakePrefix(rest, kAlter) || !TakePrefix(rest, "`")) return std::string(line);
  size_t end = 0;
  while (end < rest.size() && (rest[end] != '`' || rest.substr(end + 1).starts_with('`'))) {
    end += rest[end] == '`' ? 2 : 1;
  }
  if (end >= rest.size()) return std::string(line);
  const std::string_view behind = rest.substr(end + 1);
  const bool is_statement = behind.starts_with(kCharacterSet) && behind.find(" COLLATE ") != std::string_view::npos &&
                            (behind.ends_with(" ;\n") || behind.ends_with(" ;;\n"));
  return is_statement ? std::string(kAlter) + std::string(behind.substr(1)) : std::string(line);
}

class MariadbDump : public ByteSource {
 public:
  MariadbDump(std::unique_ptr<io::ProcessSource> process, std::string begin, std::string database)
      : process_(std::move(process)),
        ready_(std::move(begin)),
        database_(std::move(database)),
        block_(kBlockBytes),
        tail_(kMariadbDumpEnd.size()) {}

  size_t Read(MutableBytes buffer) override {
    while (given_ == ready_.size() && !ended_) Fill();
    const size_t size = std::min(buffer.size(), ready_.size() - given_);
    std::copy_n(ready_.begin() + static_cast<ptrdiff_t>(given_), size, buffer.begin());
    given_ += size;
    return size;
  }

 private:
  void Fill() {
    ready_.clear();
    given_ = 0;
    const size_t size = process_->Read(block_);
    if (size > 0) {
      const std::string_view text = AsText(ByteView(block_).first(size));
      tail_.Add(text);
      names_.Add(text, ready_);
      return;
    }
    if (tail_.text() != kMariadbDumpEnd) {
      throw Error(ErrorKind::kCorrupt, fmt::format("the dump of {} does not end as a whole one does", database_),
                  "run it again; if it stays so, run mariadb-dump by hand and look at what it says");
    }
    names_.Finish(ready_);
    ended_ = true;
  }

  std::unique_ptr<io::ProcessSource> process_;
  std::string ready_;  // to be given
  size_t given_ = 0;   // of it
  bool ended_ = false;
  std::string database_;
  Bytes block_;
  DatabaseNameRemover names_;
  Tail tail_;
};

}  // namespace

void DatabaseNameRemover::Add(std::string_view text, std::string& out) {
  while (!text.empty()) {
    if (in_line_) {
      // To the next line that begins as the statement does; most lines don't.
      const size_t end = std::min(text.find("\nA"), text.size() - 1) + 1;
      in_line_ = text[end - 1] != '\n';
      out += text.substr(0, end);
      text.remove_prefix(end);
      continue;
    }
    held_ += text.front();
    text.remove_prefix(1);
    if (held_.back() == '\n') {
      out += Rewritten(held_);
      held_.clear();
    } else if (!MayBecomeStatement(held_)) {
      out += held_;
      held_.clear();
      in_line_ = true;
    }
  }
}

void DatabaseNameRemover::Finish(std::string& out) {
  out += held_;
  held_.clear();
}

void Tail::Add(std::string_view text) {
  text_ += text.substr(text.size() - std::min(text.size(), size_));
  if (text_.size() > size_) text_.erase(0, text_.size() - size_);
}

std::unique_ptr<ByteSource> StartMariadbDump(const MariadbConnection& connection, const MariadbFacts& facts,
                                             std::stop_token stop) {
  const MariadbSettings& settings = connection.settings();
  // docs/decisions/0171 says why in this form. Whatever an options file says: no answer of one moment comes without
  // --single-transaction, and the last line is a comment.
  std::vector<std::string> arguments = {
      "--single-transaction", "--quick",      "--routines",      "--events",           "--triggers",       "--comments",
      "--skip-dump-date",     "--skip-force", "--no-autocommit", "--order-by-primary", "--extended-insert"};
  if (facts.has_history) arguments.emplace_back("--dump-history");
  arguments.insert(arguments.end(), {"--", settings.database});
  const io::ProcessLimits limits{settings.limits.stall, settings.limits.endless};
  auto process = std::make_unique<io::ChildProcess>(connection.CommandFor(settings.tools.mariadb_dump, arguments),
                                                    io::Input::kNone, limits, connection.clock(), std::move(stop));
  const std::string& name = settings.database;
  auto source = std::make_unique<io::ProcessSource>(std::move(process),
                                                    [name](const io::ProcessEnd& end, const io::StreamFacts&) {
                                                      if (!end.ok()) throw MariadbError(end, "mariadb-dump", name);
                                                    });
  return std::make_unique<MariadbDump>(
      std::move(source), fmt::format("{}CHARACTER SET {} COLLATE {};\n", kAlter, facts.character_set, facts.collation),
      name);
}

}  // namespace cofre::sources
