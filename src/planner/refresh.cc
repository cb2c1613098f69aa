#include "planner/refresh.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace cofre::planner {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Hands out databases, the least key first, ties by position. Making it costs one pass, however many there are.
class Line {
 public:
  void Add(TimePoint key, uint32_t database) { waiting_.push_back({key, database}); }
  void Sort() { std::ranges::make_heap(waiting_, After); }
  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }
  uint32_t Pop() {
    std::ranges::pop_heap(waiting_, After);
    const uint32_t database = waiting_.back().database;
    waiting_.pop_back();
    return database;
  }
  template <typename Use>
  void ForEach(const Use& use) const {
    for (const Place& place : waiting_) use(place.database);
  }

 private:
  struct Place {
    TimePoint key;
    uint32_t database;
  };
  static bool After(const Place& a, const Place& b) {
    return std::tie(a.key, a.database) > std::tie(b.key, b.database);
  }
  std::vector<Place> waiting_;
};

uint64_t DividedUp(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

class RefreshPass {
 public:
  RefreshPass(const Fleet& fleet, const Policy& policy, Load& load, Plan& plan)
      : fleet_(fleet),
        policy_(policy.refresh),
        load_(load),
        plan_(plan),
        now_(plan.made_at),
        room_(RefreshRoomAt(fleet, policy.refresh, plan.made_at)) {}

  void Run() {
    Collect();
    uint32_t looked_at = 0;
    while (looked_at < policy_.candidates && (!needy_.empty() || !retries_.empty())) {
      if (Consider(NextLine().Pop())) ++looked_at;
    }
    for (const Line* line : {&needy_, &retries_}) {
      line->ForEach([&](uint32_t database) { Wait(database, PlanReason::kCandidateLimit, room_.hour_until); });
    }
    if (nobody_in_need_ && policy_.level) Level();
  }

 private:
  void Collect() {
    for (uint32_t i = 0; i < plan_.entries.size(); ++i) {
      PlanEntry& entry = plan_.entries[i];
      if (entry.priority != JobPriority::kRefresh || !entry.runs()) continue;
      nobody_in_need_ = false;
      if (IsServerBusy(i)) {
        Wait(i, PlanReason::kServerBusy, kNoTime);
      } else if (entry.reason == PlanReason::kRetry) {
        retries_.Add(entry.when, i);
      } else {
        const DatabaseFacts& database = fleet_.databases[i];
        needy_.Add(std::max(database.newest_backup, database.attempt_started), i);
      }
    }
    needy_.Sort();
    retries_.Sort();
  }

  // What is due today goes first on a server; refreshes come once it keeps up.
  bool IsServerBusy(uint32_t database) const {
    const uint32_t server = fleet_.companies[fleet_.databases[database].company].server;
    return load_.server_waiting[server] >= std::max(fleet_.servers[server].max_concurrent, 1U);
  }

  Line& NextLine() {
    if (needy_.empty()) return retries_;
    if (retries_.empty()) return needy_;
    // The hour counts too: with a cap of 1 the first start of an hour is the only one.
    const auto hour = std::chrono::floor<hours>(now_.time_since_epoch()).count();
    return (room_.used_this_hour + static_cast<uint64_t>(hour)) % 2 == 0 ? needy_ : retries_;
  }

  // Whether it counts as a candidate: what others keep from running blocks nobody behind it.
  bool Consider(uint32_t database) {
    if (const auto obstacle = Obstacle(fleet_, load_, database)) {
      Wait(database, *obstacle, kNoTime);
      return false;
    }
    if (room_.hour == 0) {
      Wait(database, PlanReason::kHourlyCap, room_.hour_until);
    } else if (room_.minute == 0) {
      Wait(database, PlanReason::kMinuteCap, room_.minute_until);
    } else {
      Start(database);
    }
    return true;
  }

  void Wait(uint32_t database, PlanReason reason, TimePoint until) {
    plan_.entries[database].reason = reason;
    plan_.entries[database].when = until;
  }

  void Start(uint32_t database) {
    --room_.hour;
    --room_.minute;
    ++room_.used_this_hour;
    if (room_.minute_until == now_) room_.minute_until = now_ + minutes(1);
    plan_.entries[database].when = kNoTime;
    Admit(fleet_, database, load_);
    plan_.run.push_back(database);
  }

  // How many may start early: no more in this hour, nor in the last day, than would become too old in as long if the
  // fleet's backups were spread evenly. In a small fleet the day is longer: the time in which one becomes too old.
  uint32_t EarlyStarts() const {
    uint64_t closed = 0;
    for (const PlanEntry& entry : plan_.entries) {
      if (entry.priority == JobPriority::kRefresh && entry.reason != PlanReason::kDisabled) ++closed;
    }
    if (closed == 0) return 0;
    const auto round = static_cast<uint64_t>(policy_.max_age.count());  // hours in which each has its turn
    const uint64_t span = std::min(round, std::max<uint64_t>(24, DividedUp(round, closed)));
    const uint64_t of_span = closed * span / round;
    const uint64_t of_hour = DividedUp(closed, round);
    const TimePoint since = now_ - hours(span);
    uint64_t recent = 0;
    for (uint32_t i = 0; i < plan_.entries.size(); ++i) {
      if (plan_.entries[i].priority == JobPriority::kRefresh && fleet_.databases[i].newest_backup > since) ++recent;
    }
    if (recent >= of_span || room_.used_this_hour >= of_hour) return 0;
    const uint64_t most = std::min(of_span - recent, of_hour - room_.used_this_hour);
    return static_cast<uint32_t>(std::min<uint64_t>(most, std::min(room_.hour, room_.minute)));
  }

  bool MayStartEarly(uint32_t database) const {
    const PlanEntry& entry = plan_.entries[database];
    if (entry.priority != JobPriority::kRefresh || entry.reason != PlanReason::kFresh) return false;
    const DatabaseFacts& facts = fleet_.databases[database];
    const bool failed = facts.attempt_started > facts.newest_backup;
    const ServerFacts& server = fleet_.servers[fleet_.companies[facts.company].server];
    return !failed && !fleet_.paused && !IsPaused(server, now_) && !server.failing && !IsServerBusy(database);
  }

  void Level() {
    uint32_t left = EarlyStarts();
    if (left == 0) return;
    Line oldest;
    for (uint32_t i = 0; i < plan_.entries.size(); ++i) {
      if (MayStartEarly(i)) oldest.Add(fleet_.databases[i].newest_backup, i);
    }
    oldest.Sort();
    while (left > 0 && !oldest.empty()) {
      const uint32_t database = oldest.Pop();
      if (Obstacle(fleet_, load_, database)) continue;
      plan_.entries[database] = {.reason = PlanReason::kRefreshEarly, .priority = JobPriority::kRefresh, .attempt = 1};
      Start(database);
      --left;
    }
  }

  const Fleet& fleet_;
  const RefreshPolicy& policy_;
  Load& load_;
  Plan& plan_;
  TimePoint now_;
  RefreshRoom room_;
  Line needy_;
  Line retries_;
  bool nobody_in_need_ = true;
};

}  // namespace

RefreshRoom RefreshRoomAt(const Fleet& fleet, const RefreshPolicy& policy, TimePoint now) {
  const TimeZone& zone = fleet.zones.front();
  const TimePoint hour = zone.BeginOfHour(now);
  const minutes of_day = zone.MinuteOfDay(now);
  RefreshRoom room;
  room.hour_until = hour + hours(1);
  uint32_t cap = policy.starts_per_hour;
  for (const TimeWindow& window : policy.windows) {
    if (window.Contains(of_day)) cap = window.starts_per_hour;
    for (const minutes edge : {window.from, window.to}) {
      const minutes ahead = (edge - of_day + hours(24)) % hours(24);
      const TimePoint at = std::chrono::floor<minutes>(now) + ahead;
      if (ahead > minutes(0)) room.hour_until = std::min(room.hour_until, at);
    }
  }
  uint32_t in_minute = 0;
  room.minute_until = now;
  for (const TimePoint start : fleet.refresh_starts) {
    // Also starts after now, where the clock went back: otherwise it could be over the cap twice.
    if (start >= hour && start < hour + hours(1)) ++room.used_this_hour;
    if (start <= now - minutes(1) || start >= now + minutes(1)) continue;
    ++in_minute;
    const TimePoint leaves = start + minutes(1);
    room.minute_until = room.minute_until == now ? leaves : std::min(room.minute_until, leaves);
  }
  room.hour = cap > room.used_this_hour ? cap - room.used_this_hour : 0;
  room.minute = policy.starts_per_minute > in_minute ? policy.starts_per_minute - in_minute : 0;
  return room;
}

void AdmitRefreshes(const Fleet& fleet, const Policy& policy, Load& load, Plan& plan) {
  RefreshPass(fleet, policy, load, plan).Run();
}

}  // namespace cofre::planner
