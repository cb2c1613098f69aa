#include "service/maintenance.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
  Maintenance(catalogue::Catalogue& catalogue, const FleetMirror& mirror, const Config& config, TimePoint now)
      : catalogue_(catalogue), mirror_(mirror), config_(config), now_(now) {}

  void Queue() {
    const auto ours = [](const Job& job) { return job.reason == JobReason::kMaintenance; };
    const auto waiting = static_cast<size_t>(std::ranges::count_if(mirror_.queued(), ours) +
                                             std::ranges::count_if(mirror_.running(), ours));
    const size_t most = std::max<size_t>(1, config_.service.workers / 2);
    if (waiting >= most) return;
    room_ = most - waiting;
    QueuePrunes();
    QueueDrills();
    QueueVerifications();
  }

 private:
  struct Candidate {
    std::optional<TimePoint> last;  // never first
    std::string company;
    int fiscal_year = 0;

    auto operator<=>(const Candidate&) const = default;
  };

  // As many as there is room for, and at most `most`, of those that have waited longest.
  void AddFirst(JobKind kind, std::vector<Candidate> due, size_t most) {
    most = std::min({most, room_, due.size()});
    std::ranges::partial_sort(due, due.begin() + static_cast<ptrdiff_t>(most));
    for (size_t i = 0; i < most; ++i) Add(kind, due[i].company, due[i].fiscal_year);
  }

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

  void QueuePrunes() {
    const std::set<std::string> tried = TriedLately(JobKind::kPrune);
    std::vector<Candidate> due;
    for (const auto& [id, known] : mirror_.companies()) {
      const CompanyState& state = known.state;
      if (!state.wants_prune_since) continue;
      if (state.pruned_at && *state.pruned_at + config_.service.prune_every > now_) continue;
      if (!tried.contains(id)) due.push_back({state.wants_prune_since, id});
    }
    AddFirst(JobKind::kPrune, std::move(due), room_);
  }

  void QueueDrills() {
    if (config_.service.drills_per_day == 0 || room_ == 0) return;
    size_t today = 0;
    const std::set<std::string> tried = TriedLately(JobKind::kDrill, &today);
    if (today >= config_.service.drills_per_day) return;
    std::vector<Candidate> due;
    for (const auto& [id, known] : mirror_.companies()) {
      if (tried.contains(id)) continue;
      for (size_t i = 0; i < known.databases.size(); ++i) {
        const std::optional<TimePoint>& last = known.drilled_at[i];
        if (known.databases[i].newest_backup == kNoTime || (last && *last + kDay > now_)) continue;
        due.push_back({last, id, known.databases[i].fiscal_year});
      }
    }
    AddFirst(JobKind::kDrill, std::move(due), config_.service.drills_per_day - today);
  }

  // Spread over the time that all of them may take.
  void QueueVerifications() {
    if (config_.service.verify_every <= std::chrono::hours(0) || room_ == 0) return;
    size_t today = 0;
    const std::set<std::string> tried = TriedLately(JobKind::kVerify, &today);
    size_t companies = 0;
    std::vector<Candidate> due;
    for (const auto& [id, known] : mirror_.companies()) {
      if (!known.has_backup()) continue;
      ++companies;
      const std::optional<TimePoint>& last = known.state.verified_at;
      if (last && *last + config_.service.verify_every > now_) continue;
      if (!tried.contains(id)) due.push_back({last, id});
    }
    const size_t days = std::max<size_t>(1, config_.service.verify_every / kDay);
    const size_t daily = companies / days + 1;
    if (today < daily) AddFirst(JobKind::kVerify, std::move(due), daily - today);
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
  const FleetMirror& mirror_;
  const Config& config_;
  TimePoint now_;
  size_t room_ = 0;
};

}  // namespace

void QueueMaintenance(catalogue::Catalogue& catalogue, const FleetMirror& mirror, const Config& config, TimePoint now) {
  Maintenance(catalogue, mirror, config, now).Queue();
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
