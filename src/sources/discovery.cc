#include "sources/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/child_process.h"
#include "model/company.h"
#include "sources/firebird_errors.h"
#include "sources/firebird_tools.h"
#include "sources/mariadb_errors.h"
#include "sources/mariadb_tools.h"
#include "sources/postgresql_errors.h"
#include "sources/postgresql_tools.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr size_t kListingLimit = size_t{16} * 1024 * 1024;
constexpr io::ProcessLimits kLimits{std::chrono::minutes(2), std::chrono::minutes(10)};
constexpr const char* kForm = "each line is company;year;path or company;year;path;name";

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t end = line.find(';');
    fields.push_back(Trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

FoundDatabase ParseLine(std::string_view line) {
  const std::vector<std::string_view> fields = Fields(line);
  if (fields.size() < 3 || fields.size() > 4 || fields[2].empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("it has {} fields", fields.size()), kForm);
  }
  return {.company = ParseCompanyId(fields[0]),
          .fiscal_year = ParseFiscalYear(fields[1]),
          .path = std::string(fields[2]),
          .name = fields.size() == 4 ? std::string(fields[3]) : ""};
}

// Refuses what is listed twice, and more than there may be.
class Collector {
 public:
  void Add(FoundDatabase found) {
    if (!seen_.insert({found.company, found.fiscal_year}).second) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("company {} has two databases of {}", found.company, found.fiscal_year),
                  "let it list each company and year once");
    }
    if (found_.size() == kMostFound) {
      throw Error(ErrorKind::kUsage, fmt::format("more than {} databases are listed", kMostFound));
    }
    found_.push_back(std::move(found));
  }
  std::vector<FoundDatabase> Take() { return std::move(found_); }

 private:
  std::set<std::pair<std::string, int>> seen_;
  std::vector<FoundDatabase> found_;
};

struct Listed {
  std::string output;
  io::ProcessEnd end;
};

Listed RunListing(const io::Command& command, std::string_view input, Clock& clock, const std::stop_token& stop) {
  io::ChildProcess process(command, input.empty() ? io::Input::kNone : io::Input::kPipe, kLimits, clock, stop);
  if (!input.empty()) {
    process.Write(AsBytes(input));
    process.CloseInput();
  }
  Listed listed;
  Bytes buffer(64 * 1024);
  while (const size_t size = process.Read(buffer)) {
    listed.output += AsText(ByteView(buffer).first(size));
    if (listed.output.size() > kListingLimit) {
      throw Error(ErrorKind::kUsage, command.Name() + " lists more than 16 MiB", kForm);
    }
  }
  listed.end = process.Wait();
  return listed;
}

// The expression of one part of a path's pattern, and what its groups are.
struct PartPattern {
  std::regex expression;
  std::vector<char> groups;  // 'e': empresa, 'a': anio
};

PartPattern CompilePart(std::string_view part) {
  PartPattern compiled;
  std::string expression;
  while (!part.empty()) {
    if (TakePrefix(part, "{empresa}")) {
      expression += "([0-9][0-9.-]{3,20})";
      compiled.groups.push_back('e');
    } else if (TakePrefix(part, "{anio}")) {
      expression += "([0-9]{4})";
      compiled.groups.push_back('a');
    } else if (TakePrefix(part, "*")) {
      expression += "[^/]*";
    } else {
      if (std::string_view("^$\\.+?()[]{}|").find(part[0]) != std::string_view::npos) expression += '\\';
      expression += part[0];
      part.remove_prefix(1);
    }
  }
  compiled.expression = std::regex(expression);
  return compiled;
}

class PatternWalk {
 public:
  explicit PatternWalk(const std::string& pattern) {
    const std::filesystem::path path(pattern);
    if (!path.is_absolute() || pattern.find("{empresa}") == std::string::npos ||
        pattern.find("{anio}") == std::string::npos) {
      throw Error(ErrorKind::kUsage, Quoted(pattern) + " is not an absolute path with {empresa} and {anio} in it",
                  "as in /datos/{empresa}/{anio}/CONTAB.FDB");
    }
    for (const auto& part : path.relative_path()) parts_.push_back(part.string());
    while (parts_[first_wildcard_].find_first_of("{*") == std::string::npos) ++first_wildcard_;
  }

  std::vector<FoundDatabase> Walk() {
    Enter("/", 0, {});
    return found_.Take();
  }

 private:
  struct Values {
    std::optional<std::string> company;
    std::optional<int> year;
  };

  void Enter(const std::filesystem::path& folder, size_t depth, const Values& values) {
    const std::string& part = parts_[depth];
    const bool last = depth + 1 == parts_.size();
    if (part.find_first_of("{*") == std::string::npos) return Step(folder / part, last, depth, values);
    const PartPattern pattern = CompilePart(part);
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      std::smatch match;
      if (!std::regex_match(name, match, pattern.expression)) continue;
      const auto next = Read(pattern, match, values);
      if (next) Step(at->path(), last, depth, *next);
    }
    if (error) throw SystemError(error.value(), "cannot list the folder " + folder.string());
  }

  void Step(const std::filesystem::path& path, bool last, size_t depth, const Values& values) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!last) {
      // An unmounted disk is no fleet that went away.
      if (depth < first_wildcard_ && !std::filesystem::is_directory(status)) {
        throw Error(ErrorKind::kNotFound, "there is no folder " + path.string(), "is its disk mounted?");
      }
      if (std::filesystem::is_directory(status)) Enter(path, depth + 1, values);
      return;
    }
    if (!std::filesystem::is_regular_file(status) || !values.company || !values.year) return;
    found_.Add({.company = *values.company, .fiscal_year = *values.year, .path = path.string(), .name = ""});
  }

  // nullopt for digits that are no tax number or year, or another one than before.
  static std::optional<Values> Read(const PartPattern& pattern, const std::smatch& match, Values values) {
    try {
      for (size_t i = 0; i < pattern.groups.size(); ++i) {
        const std::string text = match[i + 1];
        if (pattern.groups[i] == 'e') {
          const std::string company = ParseCompanyId(text);
          if (values.company.value_or(company) != company) return std::nullopt;
          values.company = company;
        } else {
          const int year = ParseFiscalYear(text);
          if (values.year.value_or(year) != year) return std::nullopt;
          values.year = year;
        }
      }
    } catch (const Error&) {
      return std::nullopt;
    }
    return values;
  }

  std::vector<std::string> parts_;
  size_t first_wildcard_ = 0;  // of the parts
  Collector found_;
};

}  // namespace

std::vector<FoundDatabase> ParseListing(std::string_view text) {
  Collector found;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    try {
      if (!IsValidUtf8(line)) throw Error(ErrorKind::kUsage, "it is not UTF-8");
      found.Add(ParseLine(line));
    } catch (const Error& error) {
      throw error.In(fmt::format("line {} of the listing, {}", number, Quoted(ToValidUtf8(line, 100))));
    }
  }
  return found.Take();
}

std::vector<FoundDatabase> ListByQuery(const FirebirdSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop) {
  const FirebirdConnection connection(settings, clock);
  const std::string address = connection.AddressOf(settings.database);
  const Listed listed = RunListing(connection.CommandFor({settings.tools.isql, "-q", "-bail", "-ch", "UTF8", address}),
                                   "set heading off;\n" + query + ";\n", clock, stop);
  if (const std::string errors = ToolErrors(listed.end.errors); !errors.empty()) throw FirebirdError(errors, address);
  if (!listed.end.ok()) throw Error(ErrorKind::kPermanent, address + ": isql ended with " + listed.end.Describe());
  return ParseListing(listed.output);
}

std::vector<FoundDatabase> ListByQuery(const PostgresqlSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop) {
  const PostgresqlConnection connection(settings, clock);
  const Listed listed = RunListing(connection.PsqlFor(settings.database), query + ";\n", clock, stop);
  if (!listed.end.ok()) throw PostgresqlError(listed.end, "psql", settings.database);
  return ParseListing(listed.output);
}

std::vector<FoundDatabase> ListByQuery(const MariadbSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop) {
  const MariadbConnection connection(settings, clock);
  const io::Command command = connection.ClientFor(settings.database, {"--skip-column-names", "--raw"});
  const Listed listed = RunListing(command, query + ";\n", clock, stop);
  if (!listed.end.ok()) throw MariadbError(listed.end, "mariadb", settings.database);
  return ParseListing(listed.output);
}

std::vector<FoundDatabase> ListByCommand(const std::vector<std::string>& command, Clock& clock,
                                         const std::stop_token& stop) {
  const Listed listed = RunListing({.arguments = command, .environment = {}}, "", clock, stop);
  if (!listed.end.ok()) {
    throw Error(
        ErrorKind::kPermanent,
        fmt::format("{}: {}: {}", command.front(), listed.end.Describe(), ToValidUtf8(Trimmed(listed.end.errors), 400)),
        "run the command by hand and look at what it says");
  }
  return ParseListing(listed.output);
}

std::vector<FoundDatabase> ListByPattern(const std::string& pattern) { return PatternWalk(pattern).Walk(); }

}  // namespace cofre::sources
