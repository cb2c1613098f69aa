#pragma once

// A fleet, a service that looks after it, and everything that goes wrong, from one seed, on virtual time. The service's
// own code runs (planner, queue, jobs, engine, repository, catalogue); what is simulated is the clock, the databases,
// the store's objects and the network to them, and the machine that a process runs on.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/world/auditor.h"
#include "tests/world/caps.h"
#include "tests/world/fleet.h"
#include "tests/world/process.h"
#include "tests/world/timeline.h"
#include "tests/world/weather.h"

namespace cofre::world {

struct WorldOptions {
  uint64_t seed = 1;
  size_t companies = 20;
  int days = 30;
  bool faults = true;
  uint64_t read_every = 1;  // of so many backups one is read back at once
};

struct WorldCounts {
  uint64_t backups = 0;
  uint64_t failed = 0;       // jobs, of all kinds
  uint64_t interrupted = 0;  // jobs
  uint64_t maintenance = 0;  // verifications, prunes and drills that were done
  uint64_t looks = 0;
  uint64_t crashes = 0;
  uint64_t stops = 0;
  uint64_t clock_jumps = 0;
  uint64_t store_troubles = 0;
  uint64_t server_troubles = 0;
  uint64_t over_space = 0;  // jobs that failed for want of space
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void RunFor(Duration span);
  // No more trouble; some days later everything must be well, and after a last prune nothing superfluous is left.
  void EndWell();

  const std::vector<std::string>& failures() const { return failures_; }
  std::string Summary() const;

 private:
  friend class Trouble;

  void Fail(const std::string& what);
  bool broken() const { return failures_.size() >= 20; }
  void At(Duration monotonic, std::function<void()> event) { events_.emplace(monotonic, std::move(event)); }
  void After(Duration span, std::function<void()> event) { At(clock_.Monotonic() + span, std::move(event)); }
  Duration RandomBetween(Duration least, Duration most);

  // One step: to whatever happens next, at most to `end`.
  void Step(Duration end);
  void Serve();
  void Collect();
  void Look();
  Duration ToMonotonic(TimePoint time) const { return clock_.Monotonic() + (time - clock_.Now()); }
  void LookSoon(Duration within) { look_at_ = std::min(look_at_, clock_.Monotonic() + within); }

  std::unique_ptr<sources::Source> MakeSource(const Server& server, const Database& database);
  void StartProcess();
  void KillProcess();
  // After a kill: what is left of it goes, and after `downtime` a new one starts.
  void Mourn();
  void Audit(int64_t job);
  void AuditStore(const std::string& company);

  // What happens each day, whatever the weather.
  void Day();
  void Discover();
  void HoldNobodyStarves();
  std::string LastTry(const BaseKey& base) const;
  // In which every closed year gets its turn, with half of the starts for those that fail.
  Duration Round() const;
  bool IsCurrent(const Base& base) const;
  bool IsHealthy(const Base& base, Duration for_at_least) const;

  const WorldOptions options_;
  test::TemporaryFolder folder_;
  SeededRandom random_;
  SeededRandom bytes_;
  LockedRandom nonces_{bytes_};  // of keys and nonces, for all threads
  VirtualClock clock_;
  Weather weather_;
  Fleet fleet_;
  std::shared_ptr<storage::MemoryStore> store_ = std::make_shared<storage::MemoryStore>();
  engine::MasterKey master_key_;
  Auditor auditor_;
  Caps caps_;
  std::unique_ptr<class Trouble> trouble_;

  std::multimap<Duration, std::function<void()>> events_;
  Duration look_at_{};
  Duration renew_at_{};
  bool claims_ = true;                              // something may be claimed
  bool batch_waits_ = false;                        // for the one before to end
  Duration disturbed_until_{};                      // since then all is well
  std::map<std::string, Duration> troubled_until_;  // companies by the operator's doing, likewise
  std::filesystem::path place_;                     // the folder of the next process
  int processes_ = 0;
  std::set<std::string> gone_;
  std::set<std::string> unclear_;
  Duration downtime_{};
  bool rebooted_ = false;
  std::unique_ptr<Process> process_;
  WorldCounts counts_;
  std::vector<std::string> failures_;
};

}  // namespace cofre::world
