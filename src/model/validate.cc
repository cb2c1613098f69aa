#include "model/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace cofre {
namespace {

constexpr size_t kLongestText = 1024;  // names, paths, hosts: bytes
constexpr size_t kMostArguments = 64;  // of a command
constexpr uint32_t kMostConcurrent = 1000;

[[noreturn]] void Refuse(std::string_view field, std::string_view value, std::string_view why) {
  throw Error(ErrorKind::kUsage, fmt::format("{} {} {}", field, Quoted(value), why));
}

void RequireNotEmpty(std::string_view field, std::string_view value) {
  RequireValidText(field, value);
  if (Trimmed(value).empty()) throw Error(ErrorKind::kUsage, fmt::format("{} is empty", field));
}

void RequireCompanyId(std::string_view id) {
  if (ParseCompanyId(id) != id) Refuse("the tax number", id, "is not digits alone");
}

void RequireFiscalYear(int year) {
  if (year < kFirstFiscalYear || year > kLastFiscalYear) (void)ParseFiscalYear(std::to_string(year));
}

// SQL's BIGINT is signed.
void RequireCount(std::string_view field, uint64_t value) {
  if (value > static_cast<uint64_t>(INT64_MAX)) Refuse(field, std::to_string(value), "is above 2^63 - 1");
}

void RequireServerName(std::string_view name) {
  if (ParseServerName(name) != name) Refuse("the server name", name, "has blanks around it");
}

// Two segments, so that no repository lies inside another one.
void RequireRepository(std::string_view repository) {
  const size_t slash = repository.find('/');
  if (slash == std::string_view::npos) Refuse("the repository", repository, "is not of the form server/company");
  RequireServerName(repository.substr(0, slash));
  RequireCompanyId(repository.substr(slash + 1));
}

}  // namespace

void RequireValidText(std::string_view field, std::string_view text) {
  if (text.size() > kLongestText) Refuse(field, text, fmt::format("is longer than {} bytes", kLongestText));
  if (!IsValidUtf8(text)) Refuse(field, text, "is not UTF-8");
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; };
  if (std::ranges::any_of(text, is_control)) {
    Refuse(field, text, "has a control character (a line end, a tab, a NUL)");
  }
}

void RequireValid(const Server& server) {
  RequireServerName(server.name);
  RequireValidText("the host", server.host);
  RequireValidText("the user", server.user);
  RequireValidText("the password file", server.password_file);
  if (server.max_concurrent < 1 || server.max_concurrent > kMostConcurrent) {
    Refuse("the number of backups at once", std::to_string(server.max_concurrent),
           fmt::format("is not one from 1 to {}", kMostConcurrent));
  }
}

void RequireValid(const Company& company) {
  RequireCompanyId(company.id);
  RequireNotEmpty("the name", company.name);
  RequireServerName(company.server);
  if (company.backup_time < std::chrono::minutes(0) || company.backup_time >= std::chrono::hours(24)) {
    Refuse("the backup time", FormatBackupTime(company.backup_time), "is not a time of day from 00:00 to 23:59");
  }
  static constexpr uint64_t kLargest = static_cast<uint64_t>(kLargestSpaceLimitGigabytes) << 30;
  if (company.space_limit_bytes == 0 || company.space_limit_bytes > kLargest) {
    Refuse("the space limit", std::to_string(company.space_limit_bytes),
           fmt::format("is not a number of bytes from 1 to {}", kLargest));
  }
  RequireValidText("the time zone", company.time_zone);
  if (!company.repository.empty()) RequireRepository(company.repository);
}

void RequireValid(const Database& database) {
  RequireCompanyId(database.company);
  RequireFiscalYear(database.fiscal_year);
  RequireValidText("the path", database.path);
  if (database.path.empty() == database.command.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("the database {} {} must have a path or a command, and not both",
                                               database.company, database.fiscal_year));
  }
  if (database.command.size() > kMostArguments) {
    Refuse("the command", database.command.front(), fmt::format("has more than {} arguments", kMostArguments - 1));
  }
  for (const std::string& argument : database.command) RequireValidText("the argument", argument);
  if (!database.command.empty()) RequireNotEmpty("the command's program", database.command.front());
}

void RequireMethod(const Server& server, DumpMethod method) {
  if (method == DumpMethod::kLogical) return;
  if (server.engine != Engine::kFirebird) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the server {} is of the engine {}, and only Firebird has physical copies", server.name,
                            EngineName(server.engine)),
                "--method logical");
  }
  // nbackup itself reads the file; by this name alone it knows that a server's file lies here.
  if (server.host.empty() || server.host == "localhost") return;
  throw Error(ErrorKind::kUsage,
              fmt::format("the databases of the server {} lie on {}, and a physical copy is made where they lie",
                          server.name, server.host),
              "--method logical; or run cofre on that machine; if it is this one, cofre server set " + server.name +
                  " --host localhost");
}

void RequireValid(const Backup& backup) {
  if (!Digest::FromHex(backup.snapshot_id)) {
    Refuse("the snapshot id", backup.snapshot_id, "is not 64 small hexadecimal digits");
  }
  RequireCompanyId(backup.company);
  RequireFiscalYear(backup.fiscal_year);
  RequireNotEmpty("the path", backup.path);
  RequireCount("the dump's size", backup.dump_bytes);
  RequireCount("the new bytes", backup.new_bytes);
  RequireCount("the stored bytes", backup.stored_bytes);
}

void RequireValid(const Job& job) {
  RequireCompanyId(job.company);
  if (job.fiscal_year != 0) RequireFiscalYear(job.fiscal_year);
  if (job.state != JobState::kQueued) RequireNotEmpty("the owner", job.owner);
  if (job.attempt < 1) Refuse("the attempt", std::to_string(job.attempt), "is below 1");
}

}  // namespace cofre
