#include "service/maintenance.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "model/plan.h"
#include "planner/local_time.h"

namespace cofre::service {
namespace {

// Behind everything that somebody waits for.
constexpr int kPriority = static_cast<int>(JobPriority::kRefresh) + 1;
constexpr std::chrono::hours kDay{24};
constexpr const char* kHistoryDay = "history.day";  // on which nothing was left to forget
constexpr size_t kForgottenAtOnce = 1000;

class Maintenance {
 public:
  Maintenance(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now)
      : catalogue_(catalogue), rows_(rows), config_(config), now_(now) {}

  void Queue() {
    const auto ours = [](const Job& job) { return job.reason == JobReason::kMaintenance; };
    const auto waiting =
        static_cast<size_t>(std::ranges::count_if(rows_.queued, ours) + std::ranges::count_if(rows_.running, ours));
    const size_t most = std::max<size_t>(1, config_.service.workers / 2);
    if (waiting >= most) return;
    room_ = most - waiting;
    for (CompanyState& state : catalogue_.ListCompanyStates()) states_[state.company] = std::move(state);
    QueuePrunes();
    QueueDrills();
    QueueVerifications();
  }

 private:
  void Add(JobKind kind, const std::string& company, int fiscal_year) {
    catalogue_.EnqueueJob({.kind = kind,
                           .reason = JobReason::kMaintenance,
                           .company = company,
                           .fiscal_year = fiscal_year,
                           .priority = kPriority,
                           .queued = now_,
                           .due = now_});
    --room_;
  }

  // Those first that have waited longest.
  void QueuePrunes() {
    const std::set<std::string> tried = TriedLately(JobKind::kPrune);
    std::vector<const CompanyState*> waiting;
    for (const auto& [id, state] : states_) {
      if (!state.wants_prune_since) continue;
      if (state.pruned_at && *state.pruned_at + config_.service.prune_every > now_) continue;
      if (!tried.contains(id)) waiting.push_back(&state);
    }
    std::ranges::sort(waiting, {}, [](const CompanyState* state) { return *state->wants_prune_since; });
    for (const CompanyState* state : waiting) {
      if (room_ == 0) return;
      Add(JobKind::kPrune, state->company, 0);
    }
  }

  // The newest backup of the databases whose last drill is longest ago.
  void QueueDrills() {
    if (config_.service.drills_per_day == 0 || room_ == 0) return;
    size_t today = 0;
    const std::set<std::string> tried = TriedLately(JobKind::kDrill, &today);
    if (today >= config_.service.drills_per_day) return;
    std::vector<const catalogue::NewestBackup*> newest;
    for (const catalogue::NewestBackup& backup : rows_.newest_backups) newest.push_back(&backup);
    std::ranges::stable_sort(newest, {}, [](const auto* backup) { return backup->drilled_at; });
    size_t left = config_.service.drills_per_day - today;
    for (const catalogue::NewestBackup* backup : newest) {
      if (room_ == 0 || left == 0) return;
      if (backup->drilled_at && *backup->drilled_at + kDay > now_) return;
      if (tried.contains(backup->company)) continue;
      Add(JobKind::kDrill, backup->company, backup->fiscal_year);
      --left;
    }
  }

  // Spread over the time that all of them may take; those that were never verified first.
  void QueueVerifications() {
    if (config_.service.verify_every <= std::chrono::hours(0) || room_ == 0) return;
    std::set<std::string> companies;
    for (const catalogue::NewestBackup& backup : rows_.newest_backups) companies.insert(backup.company);
    const size_t days = std::max<size_t>(1, config_.service.verify_every / kDay);
    const size_t daily = companies.size() / days + 1;
    size_t today = 0;
    const std::set<std::string> tried = TriedLately(JobKind::kVerify, &today);
    if (today >= daily) return;
    std::vector<std::pair<TimePoint, std::string>> due;
    for (const std::string& company : companies) {
      const auto state = states_.find(company);
      const auto last = state != states_.end() ? state->second.verified_at : std::nullopt;
      if (last && *last + config_.service.verify_every > now_) continue;
      if (!tried.contains(company)) due.emplace_back(last.value_or(TimePoint{}), company);
    }
    std::ranges::sort(due);
    const size_t most = std::min({due.size(), room_, daily - today});
    for (size_t i = 0; i < most; ++i) Add(JobKind::kVerify, due[i].second, 0);
  }

  // Companies with such a job since yesterday, whatever came of it: what failed is not tried again at every look. One
  // question for all of them, as each company's own would read its whole history. `jobs`: how many jobs those were.
  std::set<std::string> TriedLately(JobKind kind, size_t* jobs = nullptr) {
    std::set<std::string> companies;
    for (const Job& job : catalogue_.ListJobs({.kind = kind, .queued_since = now_ - kDay}, SIZE_MAX)) {
      companies.insert(job.company);
      if (jobs != nullptr) ++*jobs;
    }
    return companies;
  }

  catalogue::Catalogue& catalogue_;
  const FleetRows& rows_;
  const Config& config_;
  TimePoint now_;
  size_t room_ = 0;
  std::map<std::string, CompanyState> states_;
};

}  // namespace

void QueueMaintenance(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now) {
  Maintenance(catalogue, rows, config, now).Queue();
}

void ForgetHistory(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  const std::string today = planner::FormatDay(planner::TimeZone::Find(config.time_zone).DayOf(now));
  if (catalogue.GetFact(kHistoryDay) == today) return;
  catalogue::Transaction transaction(catalogue);
  const TimePoint before = now - config.service.keep_history;
  const size_t jobs = catalogue.RemoveJobsEndedBefore(before, kForgottenAtOnce);
  if (jobs < kForgottenAtOnce) {
    catalogue.RemoveNoticesBefore(before);
    catalogue.PutFact(kHistoryDay, today);
  }
  transaction.Commit();
  if (jobs > 0) Log(LogLevel::kInfo, "history_forgotten", {{"jobs", std::to_string(jobs)}});
}

}  // namespace cofre::service
