#include "tests/world/auditor.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "engine/snapshot_record.h"
#include "repository/check.h"
#include "repository/restore.h"
#include "storage/prefix_store.h"

namespace cofre::world {
namespace {

class DigestSink : public ByteSink {
 public:
  void Write(ByteView data) override { stream_.Update(data); }
  void Finish() override { digest_ = stream_.Finish(); }
  Digest digest() const { return digest_.value(); }

 private:
  Sha256Stream stream_;
  std::optional<Digest> digest_;
};

}  // namespace

// A company's objects without locks, as they are now.
class Auditor::CopiedRepository {
 public:
  explicit CopiedRepository(Auditor& auditor, const Company& company)
      : store_(std::make_shared<storage::MemoryStore>()) {
    for (const storage::ObjectInfo& object : storage::ListAll(*auditor.store_, company.repository + "/", {})) {
      const std::string key = object.key.substr(company.repository.size() + 1);
      if (key.starts_with("locks/")) continue;
      if (key.starts_with("snapshots/")) snapshots_.insert(key.substr(10));
      store_->Put(key, auditor.store_->Get(object.key, SIZE_MAX, {}), std::nullopt, {});
    }
    environment_ = {.clock = &auditor.clock_,
                    .random = &SystemRandom(),
                    .hostname = "auditor",
                    .process_id = 1,
                    .process_identity = "auditor"};
    password_ = auditor.master_key_.RepositoryPassword(company.repository);
  }

  const std::set<std::string>& snapshots() const { return snapshots_; }
  bool exists() const { return store_->Stat("config", {}).has_value(); }
  repository::Repository& Open() {
    if (repository_ == nullptr) repository_ = repository::Repository::Open(store_, password_, environment_, {});
    return *repository_;
  }
  storage::MemoryStore& store() { return *store_; }

 private:
  std::shared_ptr<storage::MemoryStore> store_;
  std::set<std::string> snapshots_;
  repository::Environment environment_;
  Secret password_;
  std::unique_ptr<repository::Repository> repository_;
};

Auditor::Auditor(Fleet& fleet, std::shared_ptr<storage::MemoryStore> store, const engine::MasterKey& master_key,
                 VirtualClock& clock, bool overlapping, Fail fail)
    : fleet_(fleet),
      store_(std::move(store)),
      master_key_(master_key),
      clock_(clock),
      overlapping_(overlapping),
      fail_(std::move(fail)) {}

Digest Auditor::Read(repository::Repository& repository, const std::string& snapshot) {
  DigestSink sink;
  repository::RestoreFile(repository, repository.FindSnapshot(snapshot, {}), sink, nullptr, {});
  ++counts_.restored;
  return sink.digest();
}

void Auditor::AfterJob(catalogue::Catalogue& catalogue, const Company& company, bool in_doubt, const std::string& done,
                       bool read) try {
  std::map<int, size_t> rows;
  for (const Backup& backup : catalogue.ListBackups({.company = company.id})) {
    ++rows[backup.fiscal_year];
    if (in_doubt) continue;
    if (!store_->Stat(company.repository + "/snapshots/" + backup.snapshot_id, {})) {
      fail_(fmt::format("the catalogue's backup {} of {}/{} is not in the store", backup.snapshot_id.substr(0, 8),
                        company.id, backup.fiscal_year));
    }
  }
  for (auto& [key, base] : fleet_.bases()) {
    if (key.first != company.id) continue;
    if (base.backed_up && rows[key.second] == 0 && !in_doubt) {
      fail_(fmt::format("{}/{} had a backup and has none", company.id, key.second));
    }
  }
  if (done.empty()) return;
  const Backup backup = catalogue.FindBackup(done);
  Base* base = fleet_.Find(backup.company, backup.fiscal_year);
  base->backed_up = true;
  if (!read) return;
  CopiedRepository copy(*this, company);
  const Digest stored = Read(copy.Open(), done);
  if (stored != base->last_dump && !(overlapping_ && base->dumps.contains(stored))) {
    fail_(fmt::format("the backup {} of {}/{} is not what was dumped", done.substr(0, 8), company.id,
                      backup.fiscal_year));
  }
} catch (const Error& error) {
  fail_(fmt::format("after a job of {}: {}", company.id, error.what()));
}

void Auditor::Whole(const Company& company) try {
  CopiedRepository copy(*this, company);
  std::set<int> restorable;
  if (copy.exists()) {
    repository::Repository& repository = copy.Open();
    for (const auto& problem : repository::Check(repository, {.read_data = true}, {}).problems) {
      fail_(fmt::format("{}: {}: {}", company.id, problem.object, problem.message));
    }
    ++counts_.checked;
    for (const repository::Snapshot& snapshot : repository.ListSnapshots({})) {
      const auto recorded = engine::ReadSnapshot(snapshot);
      if (!recorded) continue;
      Base* base = fleet_.Find(recorded->backup.company, recorded->backup.fiscal_year);
      if (base == nullptr || !base->dumps.contains(Read(repository, recorded->backup.snapshot_id))) {
        fail_(fmt::format("the snapshot {} of {} was never dumped", snapshot.id.Hex().substr(0, 8), company.id));
      }
      restorable.insert(recorded->backup.fiscal_year);
    }
  }
  for (auto& [key, base] : fleet_.bases()) {
    if (key.first != company.id) continue;
    if (base.backed_up && !restorable.contains(key.second)) {
      fail_(fmt::format("{}/{} had a restorable backup and has none in the store", company.id, key.second));
    }
    base.backed_up = base.backed_up || restorable.contains(key.second);
  }
} catch (const Error& error) {
  fail_(fmt::format("{}: {}", company.id, error.what()));
}

void Auditor::AtTheEnd(catalogue::Catalogue& catalogue, const Company& company) try {
  Whole(company);
  CopiedRepository copy(*this, company);
  if (!copy.exists()) return;
  std::set<std::string> rows;
  for (const Backup& backup : catalogue.ListBackups({.company = company.id})) rows.insert(backup.snapshot_id);
  if (rows != copy.snapshots()) {
    fail_(fmt::format("{}: {} backups in the catalogue, {} in the store", company.id, rows.size(),
                      copy.snapshots().size()));
  }
  for (const std::string& hint : repository::Check(copy.Open(), {}, {}).hints) {
    fail_(fmt::format("{} after the last prune: {}", company.id, hint));
  }
  for (const storage::ObjectInfo& object : storage::ListAll(*store_, company.repository + "/locks/", {})) {
    fail_(fmt::format("a lock is left: {}", object.key));
  }
  for (const storage::ObjectInfo& object : storage::ListAll(copy.store(), "", {})) {
    const std::string folder = object.key.substr(0, object.key.find('/'));
    const std::set<std::string> known{"config", "keys", "snapshots", "index", "data", "cofre", "locks"};
    if (!known.contains(folder)) fail_(fmt::format("{}: what is {}?", company.id, object.key));
  }
} catch (const Error& error) {
  fail_(fmt::format("{} at the end: {}", company.id, error.what()));
}

}  // namespace cofre::world
