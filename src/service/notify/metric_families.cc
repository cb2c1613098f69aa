#include "service/notify/metric_families.h"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace cofre::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::array kKinds = {JobKind::kBackup,  JobKind::kVerify, JobKind::kPrune,
                               JobKind::kRestore, JobKind::kExport, JobKind::kDrill};
// Of a newest backup's age: the margins of current years in hours, those of closed years in days.
constexpr std::array kAgeBounds = {3600.0,      6 * 3600.0,   12 * 3600.0,  26 * 3600.0,  48 * 3600.0,
                                   7 * 86400.0, 14 * 86400.0, 30 * 86400.0, 35 * 86400.0, 90 * 86400.0};

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

class Gauges {
 public:
  Gauges(std::string name, std::string help) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = MetricType::Gauge;
  }
  Gauges& Add(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  MetricFamily Take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

const char* YearName(bool current) { return current ? "current" : "closed"; }

// In which of the states that add up to all databases it is.
const char* StateOf(const DatabaseHealth& database) {
  if (!database.enabled) return "disabled";
  if (database.late) return "late";
  return database.newest ? "fresh" : "never";
}

MetricFamily DatabasesByState(const Health& health) {
  std::map<std::pair<bool, std::string>, int> counts;
  for (const DatabaseHealth& database : health.databases) ++counts[{database.current, StateOf(database)}];
  Gauges gauges("cofre_databases", "Databases by fiscal year and by whether their newest backup is fresh.");
  for (const bool current : {true, false}) {
    for (const char* state : {"fresh", "late", "never", "disabled"}) {
      gauges.Add(counts[{current, state}], {{"year", YearName(current)}, {"state", state}});
    }
  }
  return gauges.Take();
}

MetricFamily Failing(const Health& health) {
  Gauges gauges("cofre_databases_failing", "Enabled databases whose last backup failed.");
  for (const bool current : {true, false}) {
    gauges.Add(static_cast<double>(std::ranges::count_if(health.databases,
                                                         [&](const DatabaseHealth& database) {
                                                           return database.enabled && database.failing &&
                                                                  database.current == current;
                                                         })),
               {{"year", YearName(current)}});
  }
  return gauges.Take();
}

// Of enabled databases that have a backup.
std::vector<double> Ages(const Health& health, bool current) {
  std::vector<double> ages;
  for (const DatabaseHealth& database : health.databases) {
    const auto age = database.Age(health.at);
    if (database.enabled && database.current == current && age) ages.push_back(Seconds(*age));
  }
  return ages;
}

MetricFamily AgeHistogram(const Health& health) {
  MetricFamily family;
  family.name = "cofre_newest_backup_age_seconds";
  family.help = "Age of the newest backup of each enabled database that has one.";
  family.type = MetricType::Histogram;
  for (const bool current : {true, false}) {
    const std::vector<double> ages = Ages(health, current);
    ClientMetric metric;
    metric.label = {{"year", YearName(current)}};
    metric.histogram.sample_count = ages.size();
    for (const double age : ages) metric.histogram.sample_sum += age;
    const auto add = [&](double bound) {
      const auto below = std::ranges::count_if(ages, [&](double age) { return age <= bound; });
      metric.histogram.bucket.push_back({.cumulative_count = static_cast<uint64_t>(below), .upper_bound = bound});
    };
    std::ranges::for_each(kAgeBounds, add);
    add(std::numeric_limits<double>::infinity());
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily OldestAge(const Health& health) {
  Gauges gauges("cofre_newest_backup_age_max_seconds",
                "Age of the newest backup of the database that has the oldest one.");
  for (const bool current : {true, false}) {
    const std::vector<double> ages = Ages(health, current);
    gauges.Add(ages.empty() ? 0 : *std::ranges::max_element(ages), {{"year", YearName(current)}});
  }
  return gauges.Take();
}

void AddSpace(const FleetFigures& figures, std::vector<MetricFamily>& families) {
  double high = 0;
  double full = 0;
  double used = 0;
  for (const CompanyHealth& company : figures.health.companies) {
    used += static_cast<double>(company.used_bytes);
    if (company.percent() >= figures.levels.high) ++high;
    if (company.percent() >= figures.levels.full) ++full;
  }
  families.push_back(
      Gauges("cofre_companies", "Companies.").Add(static_cast<double>(figures.health.companies.size())).Take());
  families.push_back(Gauges("cofre_companies_over_space",
                            "Companies whose space is used to the first or the second limit of [avisos].")
                         .Add(high, {{"level", "high"}})
                         .Add(full, {{"level", "full"}})
                         .Take());
  families.push_back(Gauges("cofre_stored_bytes", "Bytes of all companies in the store.").Add(used).Take());
}

MetricFamily JobsOf(const char* name, const char* help, const std::vector<Job>& jobs) {
  Gauges gauges(name, help);
  for (const JobKind kind : kKinds) {
    gauges.Add(static_cast<double>(std::ranges::count(jobs, kind, &Job::kind)),
               {{"kind", std::string(JobKindName(kind))}});
  }
  return gauges.Take();
}

void AddServersAndStore(const Health& health, std::vector<MetricFamily>& families) {
  Gauges up("cofre_server_up", "0 while a database server fails again and again and is left alone.");
  Gauges paused("cofre_server_paused", "1 while the operator has paused a server, or everything.");
  for (const ServerHealthNow& server : health.servers) {
    up.Add(server.down ? 0 : 1, {{"server", server.name}});
    paused.Add(server.paused_by_user ? 1 : 0, {{"server", server.name}});
  }
  families.push_back(up.Take());
  families.push_back(paused.Take());
  Gauges store("cofre_store_up", "0 while the store fails again and again.");
  store.Add(health.store_down ? 0 : 1, {});
  families.push_back(store.Take());
}

MetricFamily Alerts(const std::vector<Alert>& alerts) {
  Gauges gauges("cofre_alerts_active", "What has been told and not ended.");
  for (const Topic topic : kTopics) {
    if (topic == Topic::kSummary) continue;
    gauges.Add(static_cast<double>(std::ranges::count_if(
                   alerts, [&](const Alert& alert) { return alert.lasting && alert.topic == TopicName(topic); })),
               {{"about", std::string(TopicName(topic))}});
  }
  return gauges.Take();
}

MetricFamily AgeByCompany(const Health& health) {
  Gauges gauges("cofre_company_newest_backup_age_seconds", "Age of each database's newest backup (por_empresa).");
  for (const DatabaseHealth& database : health.databases) {
    if (const auto age = database.Age(health.at)) {
      gauges.Add(Seconds(*age), {{"company", database.company}, {"year", std::to_string(database.fiscal_year)}});
    }
  }
  return gauges.Take();
}

}  // namespace

std::vector<MetricFamily> FleetFamilies(const FleetFigures& figures) {
  const Health& health = figures.health;
  std::vector<MetricFamily> families = {DatabasesByState(health), Failing(health), AgeHistogram(health),
                                        OldestAge(health)};
  AddSpace(figures, families);
  families.push_back(JobsOf("cofre_jobs_running", "Jobs that run, of all processes.", health.running));
  families.push_back(JobsOf("cofre_jobs_queued", "Jobs that wait.", health.queued));
  AddServersAndStore(health, families);
  families.push_back(Alerts(figures.alerts));
  if (figures.per_company) families.push_back(AgeByCompany(health));
  return families;
}

MetricFamily CatalogueFamily(bool is_up) {
  return Gauges("cofre_catalogue_up", "0 while the catalogue can't be read: then the figures from it are missing.")
      .Add(is_up ? 1 : 0)
      .Take();
}

}  // namespace cofre::service
