#include "sources/firebird_dump.h"

#include <fmt/core.h>

#include <charconv>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sources/firebird_errors.h"

namespace cofre::sources {
namespace {

// burp.h: a backup begins with the record rec_burp (0), whose first attribute is att_backup_format (2).
bool BeginsAsBackup(const Bytes& head) { return head.size() >= 2 && head[0] == 0 && head[1] == 2; }

Error NotWhole(std::string_view database, const std::string& why) {
  return {ErrorKind::kCorrupt, fmt::format("the dump of {} is not whole: {}", database, why),
          "run it again; if it stays so, run gbak by hand and look at what it says"};
}

}  // namespace

std::optional<uint64_t> BytesThatGbakWrote(std::string_view said) {
  static constexpr std::string_view kBefore = "finishing. ";
  const size_t line = said.rfind(kBefore);
  if (line == std::string_view::npos) return std::nullopt;
  const std::string_view rest = said.substr(line + kBefore.size());
  uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bytes);
  if (error != std::errc() || !std::string_view(end, rest.data() + rest.size()).starts_with(" bytes")) {
    return std::nullopt;
  }
  return bytes;
}

void JudgeFirebirdDump(const io::ProcessEnd& end, const io::StreamFacts& facts, std::string_view database) {
  if (const std::string errors = GbakErrors(end.errors); !errors.empty()) throw FirebirdError(errors, database);
  if (end.signal != 0) {
    throw Error(ErrorKind::kTransient, fmt::format("gbak was {} during the dump of {}", end.Describe(), database),
                "look whether the machine ran out of memory, or somebody ended it");
  }
  if (!end.ok()) {
    const std::string_view said = Trimmed(end.errors);
    const std::string_view last_line = said.substr(said.rfind('\n') + 1);
    throw Error(ErrorKind::kPermanent, fmt::format("gbak ended with {} during the dump of {}: {}", end.Describe(),
                                                   database, ToValidUtf8(last_line, 400)));
  }
  const std::optional<uint64_t> written = BytesThatGbakWrote(end.errors);
  if (!written) throw NotWhole(database, "gbak did not say that it had finished");
  if (*written != facts.bytes) {
    throw NotWhole(database, fmt::format("gbak wrote {} bytes, {} came", *written, facts.bytes));
  }
  if (!BeginsAsBackup(facts.head)) throw NotWhole(database, "it does not begin as a gbak backup does");
}

std::unique_ptr<ByteSource> StartFirebirdDump(const FirebirdConnection& connection, const std::string& address,
                                              std::stop_token stop) {
  const FirebirdSettings& settings = connection.settings();
  // -g: collect no garbage; a backup reads. -e: no run lengths, which cost gbak time and hinder what compresses after
  // it (docs/decisions/0033). -v: the only way to hear how many bytes gbak believes to have written.
  const io::Command command = connection.CommandFor({settings.tools.gbak, "-b", "-g", "-e", "-v", address, "stdout"});
  const io::ProcessLimits limits{settings.limits.stall, settings.limits.endless};
  auto process =
      std::make_unique<io::ChildProcess>(command, io::Input::kNone, limits, connection.clock(), std::move(stop));
  return std::make_unique<io::ProcessSource>(
      std::move(process), [database = address](const io::ProcessEnd& end, const io::StreamFacts& facts) {
        JudgeFirebirdDump(end, facts, database);
      });
}

}  // namespace cofre::sources
