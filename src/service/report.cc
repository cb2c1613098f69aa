#include "service/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace cofre::service {
namespace {

constexpr size_t kMostReported = 1'000'000;
constexpr size_t kMostNamed = 20;  // in each part of a summary

std::string NameOf(const DatabaseHealth& database) {
  return fmt::format("{} ({}) {}", database.name, database.company, database.fiscal_year);
}

// "Failing: 3" and who, at most twenty of them.
void AppendList(std::string& text, std::string_view title, const std::vector<std::string>& names) {
  if (names.empty()) return;
  text += fmt::format("\n{}: {}\n", title, names.size());
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += "  " + names[i] + "\n";
  if (names.size() > kMostNamed) text += fmt::format("  ... and {} more\n", names.size() - kMostNamed);
}

// "current fiscal year: 78 of 80 fresh".
std::string Coverage(const Health& health, bool current) {
  size_t all = 0;
  size_t fresh = 0;
  for (const DatabaseHealth& database : health.databases) {
    if (database.current != current || !database.enabled) continue;
    ++all;
    if (database.newest && !database.late) ++fresh;
  }
  return fmt::format("{}: {} of {} have a fresh backup\n", current ? "Current fiscal year" : "Closed years", fresh,
                     all);
}

}  // namespace

void BackupCounts::Add(const Job& job) {
  if (job.ended) elapsed += *job.ended - job.started;
  if (job.state == JobState::kFailed) ++failed;
  if (job.state == JobState::kInterrupted) ++interrupted;
  if (job.state != JobState::kDone) return;
  ++done;
  dump_bytes += job.bytes;
  stored_bytes += job.stored_bytes;
}

Report MakeReport(catalogue::Catalogue& catalogue, const Config& config, TimePoint from, TimePoint now,
                  const std::string& company) {
  Report report{.from = from, .to = now};
  std::map<std::pair<std::string, int>, size_t> places;
  for (DatabaseHealth& database : LookAtHealth(catalogue, config, now).databases) {
    if (!company.empty() && database.company != company) continue;
    places[{database.company, database.fiscal_year}] = report.databases.size();
    report.databases.push_back({.health = std::move(database)});
  }
  for (const Job& job :
       catalogue.ListJobs({.company = company, .kind = JobKind::kBackup, .ended_since = from}, kMostReported)) {
    if (job.started == TimePoint{}) continue;  // cancelled while it was queued
    report.total.Add(job);
    const auto place = places.find({job.company, job.fiscal_year});
    if (place == places.end()) continue;
    DatabaseReport& database = report.databases[place->second];
    database.backups.Add(job);
    if (job.state == JobState::kFailed && database.last_error.empty())
      database.last_error = job.message;  // newest first
  }
  return report;
}

Event NightlySummary(const std::string& day, const Report& report, const Health& health, const SpaceLevels& levels) {
  const BackupCounts& total = report.total;
  std::string text =
      fmt::format("{} backups done ({} dumped, {} stored), {} failed, {} interrupted\n", total.done,
                  HumanBytes(total.dump_bytes), HumanBytes(total.stored_bytes), total.failed, total.interrupted);
  text += Coverage(health, true) + Coverage(health, false);

  std::vector<std::string> failing;
  std::vector<std::string> late;
  for (const DatabaseReport& database : report.databases) {
    if (!database.health.enabled) continue;
    if (database.health.failing) failing.push_back(NameOf(database.health) + ": " + database.last_error.substr(0, 200));
    if (database.health.late) late.push_back(NameOf(database.health));
  }
  std::vector<std::string> full;
  for (const CompanyHealth& company : health.companies) {
    if (company.percent() < levels.high) continue;
    full.push_back(fmt::format("{} ({}): {} of {}", company.name, company.company, HumanBytes(company.used_bytes),
                               HumanBytes(company.limit_bytes)));
  }
  std::vector<std::string> down;
  for (const ServerHealthNow& server : health.servers) {
    if (server.down) down.push_back(server.name + ": " + server.last_error);
  }
  AppendList(text, "Servers down", down);
  AppendList(text, "Failing", failing);
  AppendList(text, "Late", late);
  AppendList(text, fmt::format("Space used to {} % or more", levels.high), full);
  const bool is_covered = std::ranges::all_of(health.databases, [](const DatabaseHealth& database) {
    return !database.enabled || !database.current || database.newest.has_value();
  });
  const bool is_well = is_covered && failing.empty() && late.empty() && down.empty() && full.empty();
  return {.topic = Topic::kSummary,
          .subject = day,
          .level = 1,
          .lasting = false,
          .title = fmt::format("Summary of {}: {} backups, {} failed{}", day, total.done, total.failed,
                               is_well ? ", all is well" : ""),
          .detail = std::move(text)};
}

}  // namespace cofre::service
