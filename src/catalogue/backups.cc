#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "catalogue/job_rows.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kBackupColumns =
    "SELECT snapshot_id, company, fiscal_year, time_ns, path, dump_bytes, new_bytes, stored_bytes, elapsed_ns, "
    "pinned_until_ns, complete_at_ns, verified_at_ns, drilled_at_ns, drill_problem FROM backups";
constexpr size_t kShortestPrefix = 4;
Statement& AddBackupColumns(Statement& statement) {
  statement.TextColumn().TextColumn().NumberColumn().NumberColumn().TextColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn();
  return statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn().TextColumn();
}

Backup ReadBackup(Statement& row) {
  Backup backup;
  backup.snapshot_id = row.Text();
  backup.company = row.Text();
  backup.fiscal_year = static_cast<int>(row.Number());
  backup.time = TimePoint(Duration(row.Number()));
  backup.path = row.Text();
  backup.dump_bytes = static_cast<uint64_t>(row.Number());
  backup.new_bytes = static_cast<uint64_t>(row.Number());
  backup.stored_bytes = static_cast<uint64_t>(row.Number());
  backup.elapsed = Duration(row.Number());
  backup.pinned_until = ToTime(row.OptionalNumber());
  backup.complete_at = ToTime(row.OptionalNumber());
  backup.verified_at = ToTime(row.OptionalNumber());
  backup.drilled_at = ToTime(row.OptionalNumber());
  backup.drill_problem = row.Text();
  return backup;
}

void Insert(soci::session& session, const Backup& backup) {
  Statement(session,
            "INSERT INTO backups (snapshot_id, company, fiscal_year, time_ns, path, dump_bytes, new_bytes, "
            "stored_bytes, elapsed_ns, pinned_until_ns, complete_at_ns, verified_at_ns, drilled_at_ns, drill_problem) "
            "VALUES (:snapshot_id, :company, :fiscal_year, :time_ns, :path, :dump_bytes, :new_bytes, :stored_bytes, "
            ":elapsed_ns, :pinned_until_ns, :complete_at_ns, :verified_at_ns, :drilled_at_ns, :drill_problem)")
      .Bind("snapshot_id", backup.snapshot_id)
      .Bind("company", backup.company)
      .Bind("fiscal_year", backup.fiscal_year)
      .Bind("time_ns", ToNumber(backup.time))
      .Bind("path", backup.path)
      .Bind("dump_bytes", static_cast<int64_t>(backup.dump_bytes))
      .Bind("new_bytes", static_cast<int64_t>(backup.new_bytes))
      .Bind("stored_bytes", static_cast<int64_t>(backup.stored_bytes))
      .Bind("elapsed_ns", backup.elapsed.count())
      .Bind("pinned_until_ns", ToNumber(backup.pinned_until))
      .Bind("complete_at_ns", ToNumber(backup.complete_at))
      .Bind("verified_at_ns", ToNumber(backup.verified_at))
      .Bind("drilled_at_ns", ToNumber(backup.drilled_at))
      .Bind("drill_problem", backup.drill_problem)
      .Run();
}

Error NoBackup(const std::string& id) {
  return {ErrorKind::kNotFound, "there is no backup " + Quoted(id), "cofre list shows the ids of a company's backups"};
}

// Sets one column of one backup.
void Set(soci::session& session, const char* sql, const std::string& snapshot_id, std::optional<int64_t> value) {
  const int64_t changed = Statement(session, sql).Bind("value", value).Bind("id", snapshot_id).Run();
  if (changed == 0) throw NoBackup(snapshot_id);
}

// Throws where it is missing.
void NoteChangeOfBackup(soci::session& session, const std::string& snapshot_id) {
  Statement statement(session, "SELECT company FROM backups");
  statement.Where(" WHERE snapshot_id = :id", "id", snapshot_id).TextColumn();
  if (!statement.Fetch()) throw NoBackup(snapshot_id);
  NoteChange(session, statement.Text());
}

std::string CheckedPrefix(const std::string& text) {
  std::string prefix = AsciiLower(Trimmed(text));
  const bool is_hexadecimal = prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (prefix.size() >= kShortestPrefix && prefix.size() <= 64 && is_hexadecimal) return prefix;
  throw Error(ErrorKind::kUsage,
              fmt::format("the backup {} is not given by {} to 64 hexadecimal digits", Quoted(text), kShortestPrefix),
              "write the beginning of its id, as cofre list shows it: 4f1a09c2");
}

}  // namespace

void Catalogue::AddBackup(const Backup& backup) {
  RequireValid(backup);
  state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, backup.company, backup.fiscal_year);
    if (Count(session, "SELECT COUNT(*) FROM backups WHERE snapshot_id = :key", backup.snapshot_id) > 0) {
      throw Error(ErrorKind::kUsage, "the backup " + backup.snapshot_id + " is in the catalogue already");
    }
    Insert(session, backup);
    NoteChange(session, backup.company);
  });
}

std::vector<Backup> Catalogue::ListBackups(const BackupFilter& filter) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, kBackupColumns);
    statement.Append(" WHERE 1 = 1");
    if (!filter.company.empty()) statement.Where(" AND company = :company", "company", filter.company);
    if (filter.fiscal_year) statement.Where(" AND fiscal_year = :fiscal_year", "fiscal_year", *filter.fiscal_year);
    AddBackupColumns(statement.Append(" ORDER BY company, fiscal_year, time_ns DESC, snapshot_id"));
    std::vector<Backup> backups;
    while (statement.Fetch()) backups.push_back(ReadBackup(statement));
    return backups;
  });
}

Backup Catalogue::FindBackup(const std::string& id_prefix) {
  const std::string prefix = CheckedPrefix(id_prefix);
  return state_->With([&](soci::session& session) {
    Statement statement(session, kBackupColumns);
    statement.Where(" WHERE snapshot_id >= :first", "first", prefix);
    // 'g' sorts behind every hexadecimal digit.
    statement.Where(" AND snapshot_id < :behind", "behind", prefix + "g");
    AddBackupColumns(statement.Append(" ORDER BY snapshot_id LIMIT 2"));
    if (!statement.Fetch()) throw NoBackup(id_prefix);
    Backup backup = ReadBackup(statement);
    if (statement.Fetch()) {
      throw Error(ErrorKind::kUsage, "several backups begin with " + Quoted(prefix),
                  fmt::format("write more of the id, as in {}",
                              backup.snapshot_id.substr(0, std::min<size_t>(64, prefix.size() + 8))));
    }
    return backup;
  });
}

void Catalogue::RemoveBackup(const std::string& snapshot_id) {
  state_->Write(*this, [&](soci::session& session) {
    NoteChangeOfBackup(session, snapshot_id);
    Statement(session, "DELETE FROM backups WHERE snapshot_id = :id").Bind("id", snapshot_id).Run();
  });
}

void Catalogue::PinBackup(const std::string& snapshot_id, std::optional<TimePoint> until) {
  state_->Write(*this, [&](soci::session& session) {
    Set(session, "UPDATE backups SET pinned_until_ns = :value WHERE snapshot_id = :id", snapshot_id, ToNumber(until));
  });
}

void Catalogue::MarkVerified(const std::string& snapshot_id, TimePoint at) {
  state_->Write(*this, [&](soci::session& session) {
    Set(session, "UPDATE backups SET verified_at_ns = :value WHERE snapshot_id = :id", snapshot_id, ToNumber(at));
  });
}

void Catalogue::MarkComplete(const std::string& snapshot_id, TimePoint at) {
  state_->Write(*this, [&](soci::session& session) {
    Set(session, "UPDATE backups SET complete_at_ns = :value WHERE snapshot_id = :id", snapshot_id, ToNumber(at));
  });
}

void Catalogue::MarkDrilled(const std::string& snapshot_id, TimePoint at, const std::string& problem) {
  state_->Write(*this, [&](soci::session& session) {
    Set(session, "UPDATE backups SET drilled_at_ns = :value WHERE snapshot_id = :id", snapshot_id, ToNumber(at));
    Statement(session, "UPDATE backups SET drill_problem = :problem WHERE snapshot_id = :id")
        .Bind("problem", StoredMessage(problem))
        .Bind("id", snapshot_id)
        .Run();
    NoteChangeOfBackup(session, snapshot_id);
  });
}

std::vector<NewestBackup> Catalogue::ListNewestBackups(TimePoint until, const std::string& company) {
  return state_->With([&](soci::session& session) {
    Statement statement(session,
                        "SELECT company, fiscal_year, MAX(CASE WHEN time_ns <= :until THEN time_ns END), "
                        "MAX(drilled_at_ns), MAX(time_ns) FROM backups");
    statement.Bind("until", ToNumber(until));
    if (!company.empty()) statement.Where(" WHERE company = :company", "company", company);
    statement.Append(" GROUP BY company, fiscal_year ORDER BY company, fiscal_year");
    statement.TextColumn().NumberColumn().NumberColumn().NumberColumn().NumberColumn();
    std::vector<NewestBackup> newest;
    while (statement.Fetch()) {
      NewestBackup& backup = newest.emplace_back();
      backup.company = statement.Text();
      backup.fiscal_year = static_cast<int>(statement.Number());
      backup.time = ToTime(statement.OptionalNumber());
      backup.drilled_at = ToTime(statement.OptionalNumber());
      backup.dated_later = statement.Number() > ToNumber(until);
    }
    return newest;
  });
}

}  // namespace cofre::catalogue
