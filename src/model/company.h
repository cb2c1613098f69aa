#pragma once

// Companies, servers and databases: the fleet as the operator describes it. Values only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cofre {

enum class Engine : uint8_t { kFirebird, kSqlite, kCommand, kPostgresql, kFolder, kMariadb };

// "firebird", "sqlite", "command", "postgresql", "folder", "mariadb".
std::string_view EngineName(Engine engine);
// Throws kind usage and names the known ones.
Engine ParseEngine(std::string_view name);

// Whether a database of it can be made as a file of this machine, without its server: what ready databases need.
bool RestoresToFile(Engine engine);
// Whether its databases are folders of files, and so its backups.
bool IsFolder(Engine engine);
// Whether a database of it is made on its server only: a restore drill needs a scratch database there.
bool LivesOnServerOnly(Engine engine);

// How a Firebird database is read: by gbak, record by record, or by nbackup, page by page. Every other engine has the
// first alone.
enum class DumpMethod : uint8_t { kLogical, kPhysical };

// "logical", "physical".
std::string_view DumpMethodName(DumpMethod method);
// Throws kind usage and names both.
DumpMethod ParseDumpMethod(std::string_view name);
// Of a backup, by the name of its dump: the database may be read in another way since.
DumpMethod MethodOfDump(std::string_view path);

// A database server (`servidor`): where databases live and how to sign in. Its password is not here: it stands in a
// file.
struct Server {
  std::string name;  // [a-z0-9][a-z0-9-]{0,62}; the first part of its companies' repository paths
  Engine engine = Engine::kFirebird;
  // Empty: this machine, without a network (Firebird's embedded engine, PostgreSQL's and MariaDB's local socket).
  std::string host;
  uint16_t port = 0;          // 0: the engine's default (3050, 5432, 3306)
  std::string user;           // empty: none is given
  std::string password_file;  // empty: none; see base/secret.h for what it must be like
  uint32_t max_concurrent = 4;

  bool operator==(const Server&) const = default;
};

// Whether `path`, as a database of the server has it, is a file of this machine: what has no '/' is an alias for
// Firebird.
bool IsFileHere(const Server& server, std::string_view path);

struct Company {
  std::string id;  // tax number, digits only
  std::string name;
  std::string server;                              // Server::name
  bool enabled = true;                             // backups_habilitados
  std::chrono::minutes backup_time{60};            // hora_backup, after local midnight
  uint64_t space_limit_bytes = uint64_t{1} << 30;  // limite_espacio_gb
  std::string time_zone;                           // zona_horaria; empty: the configuration's
  // Where its repository is, below the store: "<server>/<id>". Kept when the company moves to another server.
  std::string repository;

  bool operator==(const Company&) const = default;
};

// One company's database of one fiscal year.
struct Database {
  std::string company;  // Company::id
  int fiscal_year = 0;  // 1900 to 2199
  // Firebird: path or alias on the server. SQLite and folder: path. PostgreSQL and MariaDB: name. Command: empty, see
  // `command`.
  std::string path;
  std::vector<std::string> command;  // program and arguments, for Engine::kCommand
  DumpMethod method = DumpMethod::kLogical;
  // Average blob size of its backups, chosen at the first one and kept; 0: none yet.
  uint32_t average_blob_bytes = 0;

  bool operator==(const Database&) const = default;
};

// "900.869.750-0" -> "900869750": a check digit behind a '-' goes, dots and blanks too. Throws kind usage for letters,
// for fewer than 5 and more than 15 digits.
std::string ParseCompanyId(std::string_view text);

constexpr int kFirstFiscalYear = 1900;
constexpr int kLastFiscalYear = 2199;
constexpr int kLargestSpaceLimitGigabytes = 1 << 20;

// Each throws kind usage, saying the value, what is accepted and an example. Blanks around the value are ignored.
int ParseFiscalYear(std::string_view text);                   // four digits, 1900 to 2199
std::chrono::minutes ParseBackupTime(std::string_view text);  // "01:00", "23:59"
// "1", "0.5", "0,5" -> bytes; above 0. "1.000" and "1,000" are refused: they mean 1 to some and 1,000 to others.
uint64_t ParseSpaceLimit(std::string_view gigabytes);
bool ParseYesNo(std::string_view text);  // si, sí, no, yes, true, false, verdadero, falso, 1, 0; case is ignored
std::string ParseServerName(std::string_view text);

std::string FormatBackupTime(std::chrono::minutes time);  // "01:00"
// What ParseSpaceLimit reads, to a billionth of a GB.
std::string FormatSpaceLimit(uint64_t bytes);

}  // namespace cofre
