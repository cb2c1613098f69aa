#include "catalogue/job_rows.h"
#include "catalogue/state.h"

namespace cofre::catalogue {

void NoteChange(soci::session& session, const std::string& company) {
  Statement(
      session,
      "INSERT INTO company_changes (company, version) VALUES (:company, :version) ON CONFLICT (company) DO UPDATE "
      "SET version = excluded.version")
      .Bind("company", company)
      .Bind("version", NextNumber(session, "changes"))
      .Run();
}

CompanyChanges Catalogue::ListCompanyChanges(int64_t after) {
  return state_->With([&](soci::session& session) {
    CompanyChanges changes{.version = after};
    Statement statement(session, "SELECT company, version FROM company_changes");
    statement.Where(" WHERE version > :after", "after", after).Append(" ORDER BY version").TextColumn().NumberColumn();
    while (statement.Fetch()) {
      changes.companies.push_back(statement.Text());
      changes.version = statement.Number();
    }
    return changes;
  });
}

int64_t Catalogue::ChangesVersion() {
  return state_->With(
      [](soci::session& session) { return Count(session, "SELECT value FROM counters WHERE name = :key", "changes"); });
}

}  // namespace cofre::catalogue
