#include "planner/retention.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace cofre::planner {
namespace {

// Positions of the backups, the newest first; equal times by id, so that the decision never depends on the order given.
std::vector<size_t> NewestFirst(const std::vector<RetentionBackup>& backups) {
  std::vector<size_t> order(backups.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    if (backups[a].time != backups[b].time) return backups[a].time > backups[b].time;
    return backups[a].id < backups[b].id;
  });
  return order;
}

// Hands out the places of a policy to backups that come newest first.
class Places {
 public:
  Places(bool year_is_current, const TimeZone& zone, const RetentionPolicy& policy)
      : year_is_current_(year_is_current),
        zone_(zone),
        left_(year_is_current ? policy.current_year_days : policy.closed_year_backups) {}

  RetentionReason Take(TimePoint time) {
    if (!year_is_current_) {
      if (left_ == 0) return RetentionReason::kClosedYear;
      --left_;
      return RetentionReason::kNewestOfYear;
    }
    const auto day = zone_.DayOf(time);
    if (day == last_day_) return RetentionReason::kSameDay;
    if (left_ == 0) return RetentionReason::kOlderDay;
    --left_;
    last_day_ = day;
    return RetentionReason::kRecentDay;
  }

 private:
  bool year_is_current_;
  TimeZone zone_;
  unsigned left_;
  std::optional<std::chrono::local_days> last_day_;
};

bool Keeps(RetentionReason reason) {
  return reason == RetentionReason::kRecentDay || reason == RetentionReason::kNewestOfYear;
}

}  // namespace

std::string_view RetentionReasonText(RetentionReason reason) {
  switch (reason) {
    case RetentionReason::kRecentDay:
      return "the newest of one of the most recent days";
    case RetentionReason::kNewestOfYear:
      return "the newest of a closed year";
    case RetentionReason::kPinned:
      return "pinned until a date that has not come";
    case RetentionReason::kFromTheFuture:
      return "dated in the future: a clock is or was wrong";
    case RetentionReason::kSameDay:
      return "there is a newer one of the same day";
    case RetentionReason::kOlderDay:
      return "there are newer ones of enough days";
    case RetentionReason::kClosedYear:
      return "there is a newer one, and the year is closed";
  }
  return "";
}

std::vector<RetentionDecision> DecideRetention(const std::vector<RetentionBackup>& backups, bool year_is_current,
                                               TimePoint now, const TimeZone& zone, const RetentionPolicy& policy) {
  if (policy.current_year_days == 0 || policy.closed_year_backups == 0) {
    throw Error(ErrorKind::kUsage, "a policy that keeps 0 backups would delete the last one", "keep at least 1");
  }
  std::vector<RetentionDecision> decisions(backups.size());
  Places places(year_is_current, zone, policy);
  for (const size_t i : NewestFirst(backups)) {
    const RetentionBackup& backup = backups[i];
    RetentionDecision& decision = decisions[i];
    decision.id = backup.id;
    if (backup.time > now) {
      decision.reason = RetentionReason::kFromTheFuture;
      continue;
    }
    decision.reason = places.Take(backup.time);
    decision.keep = Keeps(decision.reason);
    if (!decision.keep && backup.pinned_until && *backup.pinned_until > now) {
      decision.keep = true;
      decision.reason = RetentionReason::kPinned;
    }
  }
  return decisions;
}

}  // namespace cofre::planner
