#pragma once

// The fleet's health, company by company, and its plan, kept for a moment: a thousand questions a minute cost a few
// looks, and nobody waits for them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "model/plan.h"
#include "service/fleet_mirror.h"
#include "service/fleet_state.h"
#include "service/health.h"
#include "service/wiring.h"

namespace cofre::api {

// Of what is kept of the fleet, also what is made from it: how old it may be where whoever refreshes it is late, as
// where backups take every processor; and how long it is refreshed after somebody has asked for it.
inline constexpr auto kFleetUsable = std::chrono::seconds(60);
inline constexpr auto kFleetAskedOfLate = std::chrono::seconds(30);

// How a company is, by the worst of its databases.
enum class CompanyCondition : uint8_t {
  kFailing,   // the last attempt at one failed
  kLate,      // the newest backup of one is too old, or it has waited too long for its first
  kNever,     // one has no backup yet
  kSafe,      // all have a fresh one
  kEmpty,     // no database is registered
  kDisabled,  // backups_habilitados is off
};
std::string_view ConditionName(CompanyCondition condition);  // "failing"
// Throws kind usage and names the known ones.
CompanyCondition ParseCondition(std::string_view name);

struct CompanyRow {
  Company company;
  CompanyCondition condition = CompanyCondition::kSafe;
  uint64_t used_bytes = 0;
  std::vector<service::DatabaseHealth> databases;  // by year
  std::optional<TimePoint> newest;                 // backup of any
  std::string folded;                              // id and name, for searching: see Fold

  double percent() const;
  std::string_view folded_name() const;
};

struct FleetSnapshot {
  service::Health health;                  // databases and companies are in `companies` only
  std::vector<CompanyRow> companies;       // by id
  std::vector<const CompanyRow*> by_name;  // the same, as most ask for them
  service::FleetState fleet;
  Plan plan;  // of `fleet`, made at health.at

  const CompanyRow* Find(const std::string& id) const;
};

// Small letters, without accents as Spanish has them.
std::string Fold(std::string_view text);

// Thread-safe.
class FleetView {
 public:
  // The references outlive it.
  FleetView(catalogue::Catalogue& catalogue, const std::function<std::shared_ptr<service::Wiring>()>& wiring,
            Clock& clock)
      : catalogue_(catalogue), wiring_(wiring), clock_(clock) {}

  // A few seconds old, unless something was changed through this process since: then what is now. Errors: the
  // catalogue's.
  std::shared_ptr<const FleetSnapshot> Get();
  // Looks again where somebody has asked of late and it is time. Every second or so, from one thread; then Get need not
  // look itself. A hundredth of a processor goes into it, or a look every 30 s where that is more; at most a fifth.
  void Refresh();
  void Changed();
  // How often something was changed so far.
  uint64_t changes();

 private:
  std::shared_ptr<const FleetSnapshot> Look();
  // Whether somebody has asked of late and the last look is old enough.
  bool IsDue();
  // Looks and keeps it; under `looking_`.
  std::shared_ptr<const FleetSnapshot> LookAndKeep();
  // nullptr where it is older than that, or something has changed.
  std::shared_ptr<const FleetSnapshot> Kept(Duration oldest);

  catalogue::Catalogue& catalogue_;
  const std::function<std::shared_ptr<service::Wiring>()>& wiring_;
  Clock& clock_;
  std::mutex looking_;           // held by whoever looks
  service::FleetMirror mirror_;  // under looking_
  std::mutex mutex_;             // of what follows
  std::shared_ptr<const FleetSnapshot> kept_;
  Duration kept_at_{};
  Duration cost_{};
  std::optional<Duration> asked_at_;
  uint64_t changes_ = 0;
  uint64_t kept_changes_ = 0;
};

}  // namespace cofre::api
