#include "service/watch.h"

#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "planner/local_time.h"
#include "service/report.h"

namespace cofre::service {
namespace {

constexpr std::chrono::minutes kEvery(5);

// The company that a subject begins with, of those topics whose subjects begin so; else empty.
std::string CompanyOf(const Alert& alert) {
  if (!alert.lasting || alert.topic == TopicName(Topic::kServer)) return "";
  return alert.subject.substr(0, alert.subject.find('/'));
}

}  // namespace

std::vector<Event> HealthEvents(const Health& health, const std::vector<Alert>& standing, const SpaceLevels& levels) {
  std::set<std::pair<std::string, std::string>> known;
  for (const Alert& alert : standing) known.emplace(alert.topic, alert.subject);
  const auto is_known = [&](const Event& event) {
    return known.contains({std::string(TopicName(event.topic)), event.subject});
  };
  std::vector<Event> events;
  for (const DatabaseHealth& database : health.databases) {
    const auto& [company, name, server, year] =
        std::tie(database.company, database.name, database.server, database.fiscal_year);
    Event event = database.late ? BackupLate(company, name, year, server, database.Age(health.at))
                                : BackupFresh(company, name, year, server);
    if (database.late || is_known(event)) events.push_back(std::move(event));
  }
  for (const CompanyHealth& company : health.companies) {
    Event event = SpaceUsed(company.company, company.name, company.used_bytes, company.limit_bytes, levels);
    if (event.level > 0 || is_known(event)) events.push_back(std::move(event));
  }
  return events;
}

void Watch::Look() {
  const Duration monotonic = clock_.Monotonic();
  if (last_look_ && monotonic - *last_look_ < kEvery) return;
  last_look_ = monotonic;
  try {
    const TimePoint now = clock_.Now();
    TellHealth(now);
    TellSummary(now);
  } catch (const Error& error) {
    Log(LogLevel::kError, "health_not_read", {{"error", error.what()}});
  }
}

void Watch::TellHealth(TimePoint now) {
  const Health health = LookAtHealth(catalogue_, config_, now);
  std::vector<Alert> standing = catalogue_.ListAlerts();
  std::set<std::string> companies;
  for (const CompanyHealth& company : health.companies) companies.insert(company.company);
  std::erase_if(standing, [&](const Alert& alert) {
    const std::string company = CompanyOf(alert);
    if (company.empty() || companies.contains(company)) return false;
    catalogue_.RemoveAlert(alert.topic, alert.subject);
    return true;
  });
  for (const Event& event : HealthEvents(health, standing, config_.notify.space)) notifier_.Notify(event);
}

void Watch::TellSummary(TimePoint now) {
  if (!config_.notify.summary) return;
  const planner::TimeZone zone = planner::TimeZone::Find(config_.time_zone);
  const auto today = zone.DayOf(now);
  const std::string day = planner::FormatDay(today);
  if (now < zone.BeginOf(today) + *config_.notify.summary) return;
  if (!catalogue_.ListAlerts(std::string(TopicName(Topic::kSummary)), day).empty()) return;
  const Report report = MakeReport(catalogue_, config_, now - std::chrono::hours(24), now);
  notifier_.Notify(NightlySummary(day, report, LookAtHealth(catalogue_, config_, now), config_.notify.space));
}

}  // namespace cofre::service
