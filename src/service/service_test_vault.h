#pragma once

// What tests of the service share: a vault in a folder of its own, with a clock that the test moves. Databases are the
// output of commands.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/process_identity.h"
#include "base/random.h"
#include "engine/master_key.h"
#include "service/job_runner.h"
#include "service/scheduler.h"
#include "service/wiring.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {

class ServiceVault {
 public:
  // `more` is the rest of the configuration; `store` is used in place of a local folder.
  explicit ServiceVault(const std::string& more = "", std::shared_ptr<storage::ObjectStore> store = nullptr) {
    std::filesystem::create_directory(folder.File("state"));
    std::filesystem::create_directory(folder.File("store"));
    engine::MasterKey::Generate(SystemRandom()).WriteNewFile(folder.File("key"));
    config = ParseConfig("almacen = \"file:store\"\nclave_maestra = \"key\"\ndirectorio_estado = \"state\"\n" + more,
                         folder.File("cofre.toml"));
    catalogue::Catalogue::OpenOrCreate(config.catalogue);
    wiring = std::make_shared<Wiring>(config, clock, StandIns{.store = std::move(store)});
    catalogue().AddServer({.name = "srv1", .engine = Engine::kCommand});
  }

  catalogue::Catalogue& catalogue() const { return wiring->catalogue(); }

  void AddCompany(const std::string& id, int fiscal_year = 2026,
                  const std::vector<std::string>& command = {"echo", "hello"}) {
    catalogue().AddCompany({.id = id, .name = "Empresa " + id, .server = "srv1"});
    catalogue().AddDatabase({.company = id, .fiscal_year = fiscal_year, .command = command}, clock.Now());
  }
  void SetCommand(const std::string& id, const std::vector<std::string>& command, int fiscal_year = 2026) {
    catalogue().UpdateDatabase({.company = id, .fiscal_year = fiscal_year, .command = command});
  }
  int64_t Enqueue(const std::string& id, JobReason reason = JobReason::kManual, JobKind kind = JobKind::kBackup) {
    return catalogue().EnqueueJob(
        {.kind = kind, .reason = reason, .company = id, .fiscal_year = 2026, .queued = clock.Now()});
  }

  Look LookNow() { return LookAround(catalogue(), config, mirror, clock.Now()); }

  // The first job that may run, done; nullopt where there is none.
  std::optional<Job> RunNext() {
    auto job = catalogue().ClaimJob(
        {.owner = OwnProcessIdentity(), .now = clock.Now(), .lease_until = clock.Now() + std::chrono::minutes(2)});
    if (!job) return std::nullopt;
    ActiveJob active(*job, wiring);
    RunJob(active, {.notify = [this](const Event& event) { events.push_back(event); }}, {});
    return catalogue().GetJob(job->id);
  }
  size_t RunAll() {
    size_t count = 0;
    while (RunNext()) ++count;
    return count;
  }

  size_t CountBackups(const std::string& id = "") const { return catalogue().ListBackups({.company = id}).size(); }

  test::TemporaryFolder folder;
  // Half past midnight in Bogotá, 24 November 2026.
  test::ManualClock clock{ParseTime("2026-11-24T05:30:00Z").value()};
  Config config;
  std::shared_ptr<Wiring> wiring;
  FleetMirror mirror;
  std::vector<Event> events;
};

}  // namespace cofre::service
