#pragma once

// One process of the service: what src/service/daemon.h does with threads and a bell, done in turns on virtual time. It
// keeps all that outlives it in one folder, and has a store of its own that refuses everything once it is dead.

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
#include "tests/world/timeline.h"
#include "tests/world/weather.h"

namespace cofre::world {

// What a process needs of the world.
struct Surroundings {
  VirtualClock* clock = nullptr;
  Weather* weather = nullptr;
  std::shared_ptr<storage::ObjectStore> store;  // what is really there
  std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source;
  Random* random = nullptr;
  std::string config;  // the text of the configuration
};

class Process {
 public:
  // `gone`: identities of processes that are known to have ended; `unclear`: of those that also have, but of which this
  // machine can't tell by their locks (it was started anew).
  Process(const Surroundings& around, std::filesystem::path folder, std::string identity,
          const std::set<std::string>& gone, const std::set<std::string>& unclear);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Takes the planner's lease, looks, puts what is due into the queue.
  service::Look Look();
  // Claims a job and begins it; nullopt where there is none, or no free worker.
  std::optional<Job> StartNext();
  // Jobs that have ended since the last call.
  std::vector<int64_t> Collect();
  // Lets those go on that have slept enough.
  void WakeSleepers();
  std::optional<Duration> NextWake() const;
  void Renew();

  // As a kill -9: from now on nothing that it does is seen by anybody. Its folder as it is goes to `heir`. From any
  // thread.
  void Kill(const std::filesystem::path& heir);
  bool dead() const { return *dead_; }
  // Lets its threads run against the wall. After Kill.
  void Bury();
  // Asks every job to end, and waits for that.
  void StopGracefully();

  std::vector<Job> running() const;
  // Companies that it has touched since the last Collect.
  std::set<std::string> companies() const;
  service::Wiring& wiring() { return *wiring_; }
  catalogue::Catalogue& catalogue() { return wiring_->catalogue(); }
  const service::Config& config() const { return wiring_->config(); }
  const std::filesystem::path& folder() const { return folder_; }
  const std::string& identity() const { return identity_; }

 private:
  struct Running {
    std::shared_ptr<service::ActiveJob> job;
    std::unique_ptr<Actor> actor;
  };

  const Surroundings around_;
  const std::filesystem::path folder_;
  const std::string identity_;
  std::shared_ptr<std::atomic<bool>> dead_ = std::make_shared<std::atomic<bool>>(false);
  service::Processes processes_;
  std::shared_ptr<service::Wiring> wiring_;
  service::FleetMirror mirror_;
  std::stop_source give_up_;
  std::list<Running> running_;
};

}  // namespace cofre::world
