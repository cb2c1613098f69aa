#pragma once

// One process of the service: what src/service/daemon.h does with threads and a bell, done in turns on virtual time. It
// keeps all that outlives it, but for the catalogue, in one folder; and it has a store and a link to the catalogue of
// its own, which refuse everything once it is dead.

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/job_runner.h"
#include "service/scheduler.h"
#include "service/wiring.h"
#include "tests/world/catalogue_link.h"
#include "tests/world/planners.h"
#include "tests/world/timeline.h"
#include "tests/world/weather.h"

namespace cofre::world {

// What becomes of the renewals that a process sends, of its jobs and of its right to plan. It believes that they
// arrive.
enum class Renewals : uint8_t {
  kArrive,
  kLate,       // up to a minute
  kLost,       // all of them
  kReordered,  // every other one after its successor
};

// What a process needs of the world.
struct Surroundings {
  VirtualClock* clock = nullptr;
  Weather* weather = nullptr;
  Planners* planners = nullptr;
  std::shared_ptr<storage::ObjectStore> store;  // what is really there
  std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source;
  Random* random = nullptr;
  std::string config;   // the text of the configuration
  bool shared = false;  // the catalogue, with other machines
};

// Where a process runs.
struct Place {
  std::string node;              // its name
  std::filesystem::path folder;  // what it finds
  std::filesystem::path heir;    // where a kill leaves the folder as it is then
  // Identities of processes of this machine that are known to have ended, and of those that also have, but of which it
  // can't tell by their locks (it was started anew). Of other machines' processes nothing is known.
  std::set<std::string> gone;
  std::set<std::string> unclear;
};

class Process {
 public:
  Process(const Surroundings& around, Place place, std::string identity);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // What it does every three seconds: says that it lives, reads what the operator wants of it, renews what it has.
  // Throws transient where the catalogue is out of reach, as all of these do.
  void Renew();
  Duration renewed_at() const { return renewed_at_; }
  // It believes that it has the right to plan.
  bool planning() const { return planning_; }
  bool draining() const { return draining_; }
  // Looks, puts what is due into the queue. nullopt where it has lost the right to.
  std::optional<service::Look> Look();
  // Claims a job and begins it; nullopt where there is none, or no free worker.
  std::optional<Job> StartNext();
  // Jobs that have ended since the last call.
  std::vector<int64_t> Collect();
  // Lets those go on that have slept enough.
  void WakeSleepers();
  std::optional<Duration> NextWake() const;

  // As a kill -9: from now on nothing that it does is seen by anybody. From any thread.
  void Kill();
  bool dead() const { return dead_; }
  // Lets its threads run against the wall. After Kill.
  void Bury();
  // Asks every job to end, and waits for that.
  void StopGracefully();

  // As a SIGSTOP, where it loses itself: for that time it is not to be given any turn. From any thread.
  void Lose(Loss loss, Duration span);
  bool frozen() const { return around_.clock->Monotonic() < frozen_until(); }
  Duration frozen_until() const { return Duration(frozen_until_.load()); }
  const CatalogueLink& link() const { return link_; }
  void SetRenewals(Renewals renewals, Duration until);
  Renewals renewals() const { return around_.clock->Monotonic() < renewals_until_ ? renewals_ : Renewals::kArrive; }
  Duration renewals_until() const { return renewals_until_; }
  bool has_late_renewals() const { return !late_.empty(); }

  std::vector<Job> running() const;
  // Companies that it has touched since the last Collect.
  std::set<std::string> companies() const;
  service::Wiring& wiring() { return *wiring_; }
  catalogue::Catalogue& catalogue() { return wiring_->catalogue(); }
  const service::Config& config() const { return wiring_->config(); }
  const std::filesystem::path& folder() const { return place_.folder; }
  const std::string& identity() const { return identity_; }

 private:
  struct Running {
    std::shared_ptr<service::ActiveJob> job;
    std::unique_ptr<Actor> actor;
  };
  struct Renewal {
    Duration arrives{};
    TimePoint sent{};
  };

  void SayAlive();
  // A renewal of everything, as of `sent`: now, later or never.
  void Send(TimePoint sent);
  void Arrive(TimePoint sent);
  void ArriveLate();
  bool TakeLease(TimePoint now);
  void RequireLease();
  void ReleaseLease();

  const Surroundings around_;
  const Place place_;
  const std::string identity_;
  const TimePoint started_;
  CatalogueLink link_{*around_.clock};
  std::atomic<bool> dead_{false};
  std::atomic<int64_t> frozen_until_{0};
  service::Processes processes_;
  std::shared_ptr<service::Wiring> wiring_;
  service::FleetMirror mirror_;
  std::stop_source give_up_;
  bool planning_ = false;
  bool draining_ = false;
  Duration renewed_at_ = -std::chrono::hours(1);
  Renewals renewals_ = Renewals::kArrive;
  Duration renewals_until_{};
  std::vector<Renewal> late_;
  std::list<Running> running_;
};

}  // namespace cofre::world
