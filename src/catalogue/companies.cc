#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "catalogue/state.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kCompanyColumns =
    "SELECT id, name, server, enabled, backup_minute, space_limit_bytes, time_zone, repository FROM companies";

Statement& AddCompanyColumns(Statement& statement) {
  return statement.TextColumn()
      .TextColumn()
      .TextColumn()
      .NumberColumn()
      .NumberColumn()
      .NumberColumn()
      .TextColumn()
      .TextColumn();
}

Company ReadCompany(Statement& row) {
  Company company;
  company.id = row.Text();
  company.name = row.Text();
  company.server = row.Text();
  company.enabled = row.Number() != 0;
  company.backup_time = std::chrono::minutes(row.Number());
  company.space_limit_bytes = static_cast<uint64_t>(row.Number());
  company.time_zone = row.Text();
  company.repository = row.Text();
  return company;
}

int64_t Store(soci::session& session, const char* sql, const Company& company) {
  return Statement(session, sql)
      .Bind("id", company.id)
      .Bind("name", company.name)
      .Bind("server", company.server)
      .Bind("enabled", company.enabled ? 1 : 0)
      .Bind("backup_minute", company.backup_time.count())
      .Bind("space_limit_bytes", static_cast<int64_t>(company.space_limit_bytes))
      .Bind("time_zone", company.time_zone)
      .Bind("repository", company.repository)
      .Run();
}

Error NoCompany(const std::string& id) {
  return {ErrorKind::kNotFound, "there is no company " + Quoted(id),
          "cofre company list shows them, cofre company add makes one"};
}

std::optional<Company> Find(soci::session& session, const std::string& id) {
  Statement statement(session, kCompanyColumns);
  AddCompanyColumns(statement.Where(" WHERE id = :id", "id", id));
  if (!statement.Fetch()) return std::nullopt;
  return ReadCompany(statement);
}

void RequireFreeRepository(soci::session& session, const std::string& repository) {
  if (Count(session, "SELECT COUNT(*) FROM companies WHERE repository = :key", repository) == 0) return;
  throw Error(ErrorKind::kUsage, "the repository " + Quoted(repository) + " belongs to another company",
              "two companies never share one: leave it empty for a name of its own");
}

void Forget(soci::session& session, const std::string& id) {
  Statement(session, "DELETE FROM backups WHERE company = :id").Bind("id", id).Run();
  Statement(session, "DELETE FROM database_states WHERE company = :id").Bind("id", id).Run();
  Statement(session, "DELETE FROM databases WHERE company = :id").Bind("id", id).Run();
}

}  // namespace

void RequireCompany(soci::session& session, const std::string& id) {
  if (Count(session, "SELECT COUNT(*) FROM companies WHERE id = :key", id) == 0) throw NoCompany(id);
}

void Catalogue::AddCompany(const Company& company) {
  Company added = company;
  if (added.repository.empty()) added.repository = added.server + "/" + added.id;
  RequireValid(added);
  state_->Write(*this, [&](soci::session& session) {
    if (Find(session, added.id)) {
      throw Error(ErrorKind::kUsage, "the company " + Quoted(added.id) + " exists already",
                  "cofre company set changes it");
    }
    RequireServer(session, added.server);
    RequireFreeRepository(session, added.repository);
    Store(session,
          "INSERT INTO companies (id, name, server, enabled, backup_minute, space_limit_bytes, time_zone, repository) "
          "VALUES (:id, :name, :server, :enabled, :backup_minute, :space_limit_bytes, :time_zone, :repository)",
          added);
    NoteChange(session, added.id);
  });
}

void Catalogue::UpdateCompany(const Company& company) {
  RequireValid(company);
  state_->Write(*this, [&](soci::session& session) {
    const auto current = Find(session, company.id);
    if (!current) throw NoCompany(company.id);
    RequireServer(session, company.server);
    if (!company.repository.empty() && company.repository != current->repository) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("the repository of company {} is {} and can't become {}", company.id, current->repository,
                              Quoted(company.repository)),
                  "a company's backups stay where they are, also when it moves to another server");
    }
    Company updated = company;
    updated.repository = current->repository;
    Store(session,
          "UPDATE companies SET name = :name, server = :server, enabled = :enabled, backup_minute = :backup_minute, "
          "space_limit_bytes = :space_limit_bytes, time_zone = :time_zone, repository = :repository WHERE id = :id",
          updated);
    NoteChange(session, updated.id);
  });
}

Company Catalogue::GetCompany(const std::string& id) {
  auto company = FindCompany(id);
  if (!company) throw NoCompany(id);
  return *std::move(company);
}

std::optional<Company> Catalogue::FindCompany(const std::string& id) {
  return state_->With([&](soci::session& session) { return Find(session, id); });
}

std::vector<Company> Catalogue::ListCompanies(const CompanyFilter& filter) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, kCompanyColumns);
    if (!filter.server.empty()) statement.Where(" WHERE server = :server", "server", filter.server);
    AddCompanyColumns(statement.Append(" ORDER BY id"));
    std::vector<Company> companies;
    while (statement.Fetch()) companies.push_back(ReadCompany(statement));
    return companies;
  });
}

void Catalogue::RemoveCompany(const std::string& id, Contents contents) {
  state_->Write(*this, [&](soci::session& session) {
    RequireCompany(session, id);
    if (contents == Contents::kForget) Forget(session, id);
    const int64_t databases = Count(session, "SELECT COUNT(*) FROM databases WHERE company = :key", id);
    if (databases > 0) {
      const int64_t backups = Count(session, "SELECT COUNT(*) FROM backups WHERE company = :key", id);
      throw Error(ErrorKind::kUsage,
                  fmt::format("the company {} has {} databases and {} backups", id, databases, backups),
                  "remove its databases first");
    }
    Statement(session,
              "UPDATE jobs SET state = 'interrupted', ended_ns = queued_ns, message = 'the company was removed' WHERE "
              "state = 'queued' AND company = :id")
        .Bind("id", id)
        .Run();
    Statement(session, "DELETE FROM company_states WHERE company = :id").Bind("id", id).Run();
    Statement(session, "DELETE FROM companies WHERE id = :id").Bind("id", id).Run();
    NoteChange(session, id);
  });
}

}  // namespace cofre::catalogue
