#pragma once

// A fleet, a service that looks after it, and everything that goes wrong, from one seed, on virtual time. The service's
// own code runs (planner, queue, jobs, engine, repository, catalogue); what is simulated is the clock, the databases,
// the store's objects and the network to them and to the catalogue, and the machines that processes run on.

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
#include "tests/world/planners.h"
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
  size_t nodes = 1;         // on one catalogue
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

  // Of several nodes.
  uint64_t freezes = 0;
  uint64_t drains = 0;
  uint64_t unreachable = 0;  // times that the catalogue was, for a node
  uint64_t renewal_troubles = 0;
  uint64_t lost_claims = 0;  // jobs that went on in one process after another one had taken them over
};

// A machine that a process runs on, one after the other.
struct Machine {
  std::string name;
  std::filesystem::path folder;  // of the next process
  std::set<std::string> gone;    // as in Place
  std::set<std::string> unclear;
  std::unique_ptr<Process> process;  // null while it is down
  bool claims = true;                // something may be claimed
  Duration hindered_until{};         // the catalogue was out of reach: it tries again then
  bool fit = false;                  // it could plan
  Duration fit_since{};
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
  Duration NextTime(Duration end) const;
  Duration NextTimeOf(const Machine& machine) const;
  // All renewals come in time, so that nothing happens by them.
  bool IsSteady() const;
  // What was left out between two steps: of all those renewals the last.
  void RenewAll(std::vector<Machine*> machines);
  void RenewIfDue(Machine& machine);
  // Does it for a process that may find the catalogue out of reach.
  void Try(Machine& machine, const std::function<void()>& turn);
  void Serve(Machine& machine);
  void Claim(Machine& machine);
  void Collect(Machine& machine);
  void Look(Machine& machine);
  // Some job's lease may be over before it ends.
  bool SomethingRunsOut();
  Duration ToMonotonic(TimePoint time) const { return clock_.Monotonic() + (time - clock_.Now()); }
  void LookSoon(Duration within) { look_at_ = std::min(look_at_, clock_.Monotonic() + within); }
  void ClaimAgain();

  std::unique_ptr<sources::Source> MakeSource(const Server& server, const Database& database);
  std::string ConfigOfService() const;
  const service::Config& config() const { return config_.value(); }
  void StartProcess(Machine& machine);
  void KillProcess(Machine& machine);
  // After a kill: what is left of it goes, and after `downtime` a new one starts.
  void Mourn(Machine& machine);
  // Of one that was at work, if it isn't any more.
  void NoteLoss(const Machine& machine);
  // Of jobs that go on, or went on until now, without a claim.
  void NoteLostClaims(Process& process);
  // A machine does nothing for that time, or not all that it should.
  void Miss(Duration span);
  // The world is not expected to be well until then.
  void Disturb(Duration span);
  // It runs, and reaches the catalogue.
  static bool IsAtWork(const Machine& machine);
  // It could plan.
  static bool IsFit(const Machine& machine);
  bool HasClaim(const Job& job);
  bool AnybodyRuns() const;
  Process* AnyProcess() const;
  void Audit(const Machine& machine, int64_t job);
  // By a job that has just ended, after another process had taken it over.
  void HoldNothingRecorded(const Job& lost);
  bool IsInDoubt(const Machine& machine, const std::string& company);
  void AuditStore(const std::string& company);
  void HoldCaps(const Machine& machine);
  void HoldSomebodyPlans();

  // What happens each day, whatever the weather.
  void Day();
  void Discover();
  void HoldNobodyStarves();
  std::string SummaryOfNodes() const;
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
  Planners planners_;
  std::optional<service::Config> config_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;  // a connection of the world's own, always in reach
  std::unique_ptr<class Trouble> trouble_;

  std::multimap<Duration, std::function<void()>> events_;
  Duration look_at_{};                              // of whoever plans
  Duration poll_at_{};                              // for what may be claimed
  bool batch_waits_ = false;                        // for the one before to end
  Duration disturbed_until_{};                      // since then all is well
  std::map<std::string, Duration> troubled_until_;  // companies by the operator's doing, likewise
  int processes_ = 0;
  Duration downtime_{};
  bool rebooted_ = false;
  std::vector<Machine> machines_;
  WorldCounts counts_;
  std::vector<std::string> failures_;
};

}  // namespace cofre::world
