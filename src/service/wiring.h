#pragma once

// The one place that names concrete drivers: what a configuration stands for, opened when it is first asked for, so
// that `cofre company list` needs neither store nor master key.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "engine/context.h"
#include "engine/master_key.h"
#include "repository/environment.h"
#include "service/bandwidths.h"
#include "service/config.h"
#include "service/progress_board.h"
#include "service/scheduler.h"
#include "storage/object_store.h"

namespace cofre::service {

// A dump's source for a database on a server. Reads the server's password file. Throws kind auth for that, and usage
// for a database that does not fit the server's engine. `clock` outlives the source.
std::unique_ptr<sources::Source> MakeSource(const Server& server, const Database& database, const Config& config,
                                            Clock& clock);

// The store at `url`, with the S3 settings of the configuration; `bandwidths` may be null: no limits.
std::shared_ptr<storage::ObjectStore> OpenConfiguredStore(const std::string& url, const Config& config, Clock& clock,
                                                          const Bandwidths* bandwidths);

// Where copies of repositories' small objects are kept (repository::CopiesOptions); empty for a store on this machine,
// where they would spare nothing.
std::string CopiesFolder(const Config& config);

// Where engine/company_lock.h keeps its files.
std::string LockFolder(const Config& config);

// What stands in for the world outside where that is simulated; each that is empty is the real one.
struct StandIns {
  std::shared_ptr<storage::ObjectStore> store;
  std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source;
  std::optional<repository::Environment> environment;  // its process_identity is the owner of jobs
  std::optional<Processes> processes;
  Clock* true_clock = nullptr;  // not simulated: with what requests to the store are dated and signed
  // Not simulated: those of the wiring whose place this one takes.
  std::shared_ptr<ProgressBoard> progress;
  std::shared_ptr<Bandwidths> bandwidths;
};

// Safe from any thread. Must outlive what it gives.
class Wiring {
 public:
  Wiring(Config config, Clock& clock, StandIns stand_ins = {})
      : config_(std::move(config)),
        clock_(clock),
        store_(std::move(stand_ins.store)),
        make_source_(std::move(stand_ins.make_source)),
        environment_(std::move(stand_ins.environment)),
        processes_(stand_ins.processes ? *std::move(stand_ins.processes) : ProcessesOf(config_)),
        true_clock_(stand_ins.true_clock != nullptr ? *stand_ins.true_clock : SystemClock()),
        progress_(stand_ins.progress != nullptr ? std::move(stand_ins.progress) : std::make_shared<ProgressBoard>()),
        bandwidths_(stand_ins.bandwidths != nullptr ? std::move(stand_ins.bandwidths)
                                                    : std::make_shared<Bandwidths>(config_, clock)) {}

  const Config& config() const { return config_; }
  Clock& clock() { return clock_; }
  const Processes& processes() const { return processes_; }
  // Of the jobs that this process does.
  const std::shared_ptr<ProgressBoard>& progress() const { return progress_; }
  // Of this process; who changes the configuration of a process that works applies it to them.
  const std::shared_ptr<Bandwidths>& bandwidths() const { return bandwidths_; }

  // Each opens at the first call and throws what opening throws; a later call tries again.
  catalogue::Catalogue& catalogue();
  std::shared_ptr<storage::ObjectStore> store();
  // For jobs: all of the above and the master key. The first call makes the lock folder and marks jobs of processes
  // that are gone as interrupted.
  const engine::Context& engine();

 private:
  catalogue::Catalogue& CatalogueLocked();
  std::shared_ptr<storage::ObjectStore> StoreLocked();

  Config config_;
  Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
  std::shared_ptr<storage::ObjectStore> store_;
  const std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source_;
  const std::optional<repository::Environment> environment_;
  const Processes processes_;
  Clock& true_clock_;
  const std::shared_ptr<ProgressBoard> progress_;
  const std::shared_ptr<Bandwidths> bandwidths_;
  std::unique_ptr<engine::CompanyRepositories> repositories_;
  std::unique_ptr<engine::Context> context_;
};

// What restic needs to open the repository at `path` below the configured store: environment variables, the password
// among them (secret!), and options to stand before restic's command.
struct ResticAccess {
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> options;
};
ResticAccess AccessForRestic(const Config& config, const engine::MasterKey& master_key, const std::string& path);

// "s3:https://host/bucket/prefix/srv1/900869750", or a folder: restic's name for it.
std::string ResticRepository(const Config& config, const std::string& path);

}  // namespace cofre::service
