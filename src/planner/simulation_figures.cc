#include "planner/simulation_figures.h"

#include <algorithm>

namespace cofre::planner {
namespace {

using std::chrono::seconds;

constexpr uint32_t kCompaniesOfAServer = 200;

}  // namespace

Fleet MakeSimulatedFleet(const SimulatedFleet& simulated, const TimeZone& zone, TimePoint from) {
  Fleet fleet;
  fleet.zones.push_back(zone);
  const uint32_t servers = (simulated.companies + kCompaniesOfAServer - 1) / kCompaniesOfAServer;
  for (uint32_t i = 1; i <= servers; ++i) fleet.servers.push_back({.name = "server-" + std::to_string(i)});
  const int year = CurrentFiscalYear(from, zone, 1);
  for (uint32_t i = 0; i < simulated.companies; ++i) {
    fleet.companies.push_back({.key = KeyOf(std::to_string(i)), .server = i % servers});
    fleet.databases.push_back({.company = i,
                               .fiscal_year = static_cast<int16_t>(i < simulated.current ? year : year - 1),
                               .known_since = from});
  }
  return fleet;
}

SimulatedJob SimulateJob(const SimulatedFleet& fleet, Random& random) {
  SimulatedJob job{.length = seconds(20 + static_cast<int64_t>(random.Below(101)))};
  if (random.Fraction() >= fleet.failure_rate) return job;
  job.outcome = random.Below(10) == 0 ? Outcome::kPermanent : Outcome::kTransient;
  return job;
}

FigureKeeper::FigureKeeper(const Fleet& fleet, TimePoint from, Duration length)
    : from_(from), has_backup_(fleet.databases.size()) {
  hours_.resize(static_cast<size_t>(std::chrono::ceil<std::chrono::hours>(length).count()));
  for (size_t i = 0; i < hours_.size(); ++i) hours_[i].begin = from + std::chrono::hours(i);
  for (const DatabaseFacts& database : fleet.databases) {
    const CompanyFacts& company = fleet.companies[database.company];
    const int current = CurrentFiscalYear(from, fleet.zones[company.zone], company.first_fiscal_month);
    if (!IsCurrentFiscalYear(database.fiscal_year, current)) ++closed_;
  }
}

HourFigures& FigureKeeper::At(TimePoint time) {
  const auto hour = std::chrono::floor<std::chrono::hours>(time - from_).count();
  return hours_.at(std::min(static_cast<size_t>(hour), hours_.size() - 1));
}

void FigureKeeper::Planned(const Plan& plan, const Fleet& /*fleet*/) {
  HourFigures& hour = At(plan.made_at);
  for (const uint32_t database : plan.run) {
    const PlanEntry& entry = plan.entries[database];
    if (entry.late) ++hour.late;
    if (entry.batch <= newest_batch_) continue;
    newest_batch_ = entry.batch;
    ++hour.batches;
  }
}

void FigureKeeper::Started(uint32_t /*database*/, const PlanEntry& entry, TimePoint now, size_t running) {
  HourFigures& hour = At(now);
  ++(entry.priority == JobPriority::kScheduled ? hour.scheduled : hour.refreshes);
  if (entry.reason == PlanReason::kRetry) ++hour.retries;
  hour.most_running = std::max(hour.most_running, static_cast<uint32_t>(running));
}

void FigureKeeper::Ended(uint32_t database, const PlanEntry& entry, Outcome outcome, TimePoint now,
                         const std::vector<TimePoint>& /*backups*/) {
  if (outcome != Outcome::kDone) {
    ++At(now).failed;
    return;
  }
  if (entry.priority == JobPriority::kScheduled || has_backup_[database]) return;
  has_backup_[database] = true;
  ++covered_;
  if (covered_ == closed_) covered_at_ = now;
  for (auto hour = static_cast<size_t>(&At(now) - hours_.data()); hour < hours_.size(); ++hour) {
    hours_[hour].covered = covered_;
  }
}

std::optional<uint32_t> FigureKeeper::HoursToCoverage() const {
  if (!covered_at_) return std::nullopt;
  return static_cast<uint32_t>(std::chrono::ceil<std::chrono::hours>(*covered_at_ - from_).count());
}

std::optional<double> FigureKeeper::RefreshesADayAfterCoverage() const {
  if (!covered_at_) return std::nullopt;
  // The first round's last day still counts as this day's share.
  const size_t begin = *HoursToCoverage() + 24;
  if (begin + 24 > hours_.size()) return std::nullopt;
  uint64_t starts = 0;
  for (size_t i = begin; i < hours_.size(); ++i) starts += hours_[i].refreshes;
  return static_cast<double>(starts) * 24 / static_cast<double>(hours_.size() - begin);
}

}  // namespace cofre::planner
