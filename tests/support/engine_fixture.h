#pragma once

// A vault in memory for tests of jobs: a store that can fail, a real catalogue, and databases whose dumps a test
// decides.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process_identity.h"
#include "catalogue/catalogue.h"
#include "engine/backup_job.h"
#include "engine/company_repository.h"
#include "engine/context.h"
#include "io/file_sink.h"
#include "repository/check.h"
#include "repository/restore.h"
#include "storage/memory_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::engine {

inline constexpr const char* kCompany = "900869750";

// What a database gives when it is dumped.
struct FakeDump {
  Bytes content;
  std::optional<uint64_t> probed_bytes = 1 << 20;
  std::optional<Error> error;    // thrown in the middle of the dump
  std::function<void()> on_end;  // called before the dump's end is told
  std::optional<Error> restore_error;
};

class FakeSource : public sources::Source {
 public:
  explicit FakeSource(FakeDump& dump) : dump_(dump) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token) override {
    const size_t size = dump_.content.size();
    return std::make_unique<test::BufferSource>(dump_.content, 4096, [this, size](size_t given) {
      if (dump_.error && given >= size / 2) throw Error(*dump_.error);
      if (dump_.on_end && given == size) dump_.on_end();
    });
  }
  // A plain file; `restore_error` instead where it is set.
  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token) override {
    if (dump_.restore_error) throw Error(*dump_.restore_error);
    return std::make_unique<io::FileSink>(target, replace);
  }
  std::optional<uint64_t> CountTables(const std::string&, std::stop_token) override { return 7; }
  sources::ProbeResult Probe(std::stop_token) override {
    return {.engine_version = "", .size_bytes = dump_.probed_bytes};
  }
  std::string DumpName() const override { return "CONTAB.fbk"; }

 private:
  FakeDump& dump_;
};

class EngineFixture {
 public:
  EngineFixture() {
    std::filesystem::create_directory(folder.File("locks"));
    OpenCatalogue("catalogue.db");
    catalogue->AddServer({.name = "srv1", .host = "db.example.com", .user = "SYSDBA"});
    catalogue->AddCompany({.id = kCompany, .name = "Ferretería Peña", .server = "srv1"});
    catalogue->AddDatabase({.company = kCompany, .fiscal_year = 2026, .path = "/data/CONTAB.FDB"}, clock.Now());
    dumps[{kCompany, 2026}].content = test::Noise(200'000, 1);
    Restart();
  }

  // As if the process had ended and another one begun: nothing is remembered but what is stored, here or there.
  void Restart() {
    repositories = std::make_unique<CompanyRepositories>(
        store, master_key,
        repository::Environment{.clock = &clock, .random = &SystemRandom(), .hostname = "host", .process_id = 1}, 4,
        folder.File("copies"));
    context = {.catalogue = catalogue.get(),
               .repositories = repositories.get(),
               .clock = &clock,
               .make_source =
                   [this](const Server&, const Database& database) {
                     return std::make_unique<FakeSource>(dumps[{database.company, database.fiscal_year}]);
                   },
               .lock_folder = folder.File("locks"),
               .process_owner = OwnProcessIdentity(),
               .retention = {},
               .first_fiscal_month = 1,
               .time_zone = "America/Bogota"};
  }

  void OpenCatalogue(const std::string& name) {
    catalogue = catalogue::Catalogue::OpenOrCreate(folder.File(name));
    context.catalogue = catalogue.get();
  }

  // A second company with a database of 2026, on the same server.
  void AddCompany(const std::string& id) {
    catalogue->AddCompany({.id = id, .name = "Otra " + id, .server = "srv1"});
    catalogue->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/data/OTRA.FDB"}, clock.Now());
    dumps[{id, 2026}].content = test::Noise(50'000, 77);
  }

  BackupOutcome BackUp(int year = 2026, const std::string& company = kCompany, std::stop_token stop = {}) {
    return RunBackup(context, {.company = company, .fiscal_year = year}, nullptr, stop);
  }

  // A different dump, as of another day.
  void ChangeDump(uint64_t seed, int year = 2026) { dumps[{kCompany, year}].content = test::Noise(200'000, seed); }

  std::vector<Backup> Backups(const std::string& company = kCompany) {
    return catalogue->ListBackups({.company = company});
  }
  Job LastJob() { return catalogue->ListJobs({}, 1).at(0); }

  std::unique_ptr<repository::Repository> OpenDirectly(const std::string& path = std::string("srv1/") + kCompany) {
    return std::move(CompanyRepositories(memory, master_key,
                                         {.clock = &clock, .random = &SystemRandom(), .hostname = "x", .process_id = 2},
                                         0)
                         .Open(path, {})
                         ->repository);
  }
  size_t CountSnapshots() { return OpenDirectly()->ListSnapshots({}).size(); }

  // Invariants 2 and 3: catalogue and repository say the same, nothing is damaged, the newest restores.
  void ExpectSound() {
    const auto repository = OpenDirectly();
    for (const auto& problem : repository::Check(*repository, {.read_data = true}, {}).problems) {
      ADD_FAILURE() << problem.object << ": " << problem.message;
    }
    std::vector<std::string> stored;
    for (const auto& snapshot : repository->ListSnapshots({})) stored.push_back(snapshot.id.Hex());
    std::vector<std::string> known;
    for (const Backup& backup : Backups()) known.push_back(backup.snapshot_id);
    std::sort(stored.begin(), stored.end());
    std::sort(known.begin(), known.end());
    EXPECT_EQ(known, stored);
  }

  Bytes Restored(const Backup& backup) {
    const auto repository = OpenDirectly();
    test::BufferSink sink;
    RestoreFile(*repository, repository->FindSnapshot(backup.snapshot_id, {}), sink, nullptr, {});
    return sink.content();
  }

  test::TemporaryFolder folder;
  // Midday in Bogotá, 24 November 2026.
  test::ManualClock clock{ParseTime("2026-11-24T17:00:00Z").value()};
  std::shared_ptr<storage::MemoryStore> memory = std::make_shared<storage::MemoryStore>();
  std::shared_ptr<test::FaultyStore> store = std::make_shared<test::FaultyStore>(memory);
  MasterKey master_key = MasterKey::Generate(SystemRandom());
  std::map<std::pair<std::string, int>, FakeDump> dumps;
  std::unique_ptr<catalogue::Catalogue> catalogue;
  std::unique_ptr<CompanyRepositories> repositories;
  Context context;
};

}  // namespace cofre::engine
