#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "catalogue/job_rows.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kDatabaseColumns =
    "SELECT company, fiscal_year, path, command, method, average_blob_bytes FROM databases";
constexpr const char* kWhereKey = " WHERE company = :company AND fiscal_year = :fiscal_year";

Statement& AddDatabaseColumns(Statement& statement) {
  return statement.TextColumn().NumberColumn().TextColumn().TextColumn().TextColumn().NumberColumn();
}

// One argument a line: none holds a line end.
std::string JoinCommand(const std::vector<std::string>& command) {
  std::string lines;
  for (const std::string& argument : command) lines += argument + "\n";
  return lines;
}

std::vector<std::string> SplitCommand(std::string_view lines) {
  std::vector<std::string> command;
  for (size_t end = 0; (end = lines.find('\n')) != std::string_view::npos; lines.remove_prefix(end + 1)) {
    command.emplace_back(lines.substr(0, end));
  }
  return command;
}

Database ReadDatabase(Statement& row) {
  Database database;
  database.company = row.Text();
  database.fiscal_year = static_cast<int>(row.Number());
  database.path = row.Text();
  database.command = SplitCommand(row.Text());
  database.method = ParseDumpMethod(row.Text());
  database.average_blob_bytes = static_cast<uint32_t>(row.Number());
  return database;
}

Error NoDatabase(const std::string& company, int fiscal_year) {
  return {ErrorKind::kNotFound, fmt::format("company {} has no database of {}", company, fiscal_year),
          fmt::format("cofre database list {} shows them, cofre database add makes one", company)};
}

std::optional<Database> Find(soci::session& session, const std::string& company, int fiscal_year) {
  Statement statement(session, kDatabaseColumns);
  AddDatabaseColumns(statement.Append(kWhereKey).Bind("company", company).Bind("fiscal_year", fiscal_year));
  if (!statement.Fetch()) return std::nullopt;
  return ReadDatabase(statement);
}

}  // namespace

Database RequireDatabase(soci::session& session, const std::string& company, int fiscal_year) {
  if (auto database = Find(session, company, fiscal_year)) return *database;
  RequireCompany(session, company);
  throw NoDatabase(company, fiscal_year);
}

void Catalogue::AddDatabase(const Database& database, TimePoint known_since) {
  RequireValid(database);
  state_->Write(*this, [&](soci::session& session) {
    RequireCompany(session, database.company);
    if (Find(session, database.company, database.fiscal_year)) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("company {} has a database of {} already", database.company, database.fiscal_year),
                  "cofre database set changes it");
    }
    Statement(session,
              "INSERT INTO databases (company, fiscal_year, path, command, method, average_blob_bytes) "
              "VALUES (:company, :fiscal_year, :path, :command, :method, :average_blob_bytes)")
        .Bind("company", database.company)
        .Bind("fiscal_year", database.fiscal_year)
        .Bind("path", database.path)
        .Bind("command", JoinCommand(database.command))
        .Bind("method", std::string(DumpMethodName(database.method)))
        .Bind("average_blob_bytes", database.average_blob_bytes)
        .Run();
    Statement(session,
              "INSERT INTO database_states (company, fiscal_year, known_since_ns) VALUES (:company, :fiscal_year, "
              ":known_since)")
        .Bind("company", database.company)
        .Bind("fiscal_year", database.fiscal_year)
        .Bind("known_since", ToNumber(known_since))
        .Run();
    NoteChange(session, database.company);
  });
}

void Catalogue::UpdateDatabase(const Database& database) {
  RequireValid(database);
  state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, database.company, database.fiscal_year);
    Statement(session,
              std::string("UPDATE databases SET path = :path, command = :command, method = :method") + kWhereKey)
        .Bind("path", database.path)
        .Bind("command", JoinCommand(database.command))
        .Bind("method", std::string(DumpMethodName(database.method)))
        .Bind("company", database.company)
        .Bind("fiscal_year", database.fiscal_year)
        .Run();
    NoteChange(session, database.company);
  });
}

Database Catalogue::GetDatabase(const std::string& company, int fiscal_year) {
  return state_->With([&](soci::session& session) { return RequireDatabase(session, company, fiscal_year); });
}

std::vector<Database> Catalogue::ListDatabases(const DatabaseFilter& filter) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, kDatabaseColumns);
    if (!filter.company.empty()) statement.Where(" WHERE company = :company", "company", filter.company);
    AddDatabaseColumns(statement.Append(" ORDER BY company, fiscal_year"));
    std::vector<Database> databases;
    while (statement.Fetch()) databases.push_back(ReadDatabase(statement));
    return databases;
  });
}

void Catalogue::RemoveDatabase(const std::string& company, int fiscal_year, Contents contents) {
  state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, company, fiscal_year);
    Statement backups(session, std::string("SELECT COUNT(*) FROM backups") + kWhereKey);
    backups.Bind("company", company).Bind("fiscal_year", fiscal_year).NumberColumn();
    backups.Fetch();
    if (const int64_t count = backups.Number(); count > 0 && contents == Contents::kRefuse) {
      throw Error(ErrorKind::kUsage, fmt::format("the database {} {} has {} backups", company, fiscal_year, count),
                  "say that they may be forgotten too; the bucket keeps them");
    }
    for (const char* removal : {"DELETE FROM backups", "DELETE FROM database_states", "DELETE FROM databases"}) {
      Statement(session, removal).Append(kWhereKey).Bind("company", company).Bind("fiscal_year", fiscal_year).Run();
    }
    NoteChange(session, company);
  });
}

uint32_t Catalogue::SetAverageBlobBytes(const std::string& company, int fiscal_year, uint32_t bytes) {
  return state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, company, fiscal_year);
    Statement(session, std::string("UPDATE databases SET average_blob_bytes = :bytes") + kWhereKey +
                           " AND average_blob_bytes = 0")
        .Bind("bytes", bytes)
        .Bind("company", company)
        .Bind("fiscal_year", fiscal_year)
        .Run();
    return RequireDatabase(session, company, fiscal_year).average_blob_bytes;
  });
}

}  // namespace cofre::catalogue
