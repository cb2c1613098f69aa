#include "tests/support/faulty_store.h"

#include <numeric>
#include <utility>

#include "base/random.h"

namespace cofre::test {
namespace {

constexpr std::array<const char*, FaultyStore::kOperations> kNames = {
    "put", "get", "get range", "stat", "list", "list folders", "delete", "delete many"};

Error Planted(ErrorKind kind, FaultyStore::Operation operation, const std::string& key) {
  return {kind, std::string("planted failure: ") + kNames[static_cast<size_t>(operation)] + " " + key};
}

Bytes Spoil(Bytes content, FaultyStore::Fault fault) {
  if (fault == FaultyStore::Fault::kHalf) content.resize(content.size() / 2);
  if (fault == FaultyStore::Fault::kFlip && !content.empty()) content[content.size() / 2] ^= 0x10;
  return content;
}

}  // namespace

FaultyStore::FaultyStore(std::shared_ptr<storage::ObjectStore> below) : below_(std::move(below)) {}

void FaultyStore::SetScript(Script script, ErrorKind kind) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
  kind_ = kind;
}

void FaultyStore::FailNth(uint64_t number, Fault fault, ErrorKind kind) {
  uint64_t wanted = number;
  {
    const std::lock_guard lock(mutex_);
    wanted += calls_;
  }
  SetScript([wanted, fault](const Call& call) { return call.number == wanted ? fault : Fault::kNone; }, kind);
}

void FaultyStore::FailAtRandom(uint64_t seed, double probability, std::vector<Fault> faults, ErrorKind kind) {
  SetScript(
      [random = std::make_shared<SeededRandom>(seed), probability, faults = std::move(faults)](const Call&) {
        return random->Fraction() < probability ? faults[random->Below(faults.size())] : Fault::kNone;
      },
      kind);
}

void FaultyStore::CutPowerAfter(uint64_t writes, bool lost_answer) {
  SetScript(
      [left = writes, lost_answer, dead = writes == 0](const Call& call) mutable {
        if (dead) return Fault::kError;
        if (!call.Writes()) return Fault::kNone;
        dead = --left == 0;
        return dead && lost_answer ? Fault::kLostAnswer : Fault::kNone;
      },
      ErrorKind::kPermanent);
}

void FaultyStore::SetDelay(Clock& clock, Duration delay) {
  const std::lock_guard lock(mutex_);
  clock_ = &clock;
  delay_ = delay;
}

void FaultyStore::Heal() { SetScript(nullptr); }

uint64_t FaultyStore::Count(Operation operation) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<size_t>(operation)];
}

uint64_t FaultyStore::CountAll() const {
  const std::lock_guard lock(mutex_);
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

void FaultyStore::ResetCounts() {
  const std::lock_guard lock(mutex_);
  counts_ = {};
}

FaultyStore::Fault FaultyStore::Begin(Operation operation, const std::string& key, const std::stop_token& stop) {
  Fault fault = Fault::kNone;
  {
    const std::lock_guard lock(mutex_);
    ++counts_[static_cast<size_t>(operation)];
    ++calls_;
    if (script_) fault = script_({.operation = operation, .key = key, .number = calls_});
    if (fault == Fault::kError) throw Planted(kind_, operation, key);
  }
  if (fault == Fault::kDelay && clock_ != nullptr) clock_->SleepFor(delay_, stop);
  return fault;
}

void FaultyStore::End(Fault fault, Operation operation, const std::string& key) const {
  const std::lock_guard lock(mutex_);
  if (fault == Fault::kLostAnswer) throw Planted(kind_, operation, key);
}

void FaultyStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256,
                      std::stop_token stop) {
  const Fault fault = Begin(Operation::kPut, key, stop);
  below_->Put(key, body, sha256, std::move(stop));
  End(fault, Operation::kPut, key);
}

Bytes FaultyStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  const Fault fault = Begin(Operation::kGet, key, stop);
  Bytes content = Spoil(below_->Get(key, limit, std::move(stop)), fault);
  End(fault, Operation::kGet, key);
  return content;
}

Bytes FaultyStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  const Fault fault = Begin(Operation::kGetRange, key, stop);
  Bytes content = Spoil(below_->GetRange(key, offset, length, std::move(stop)), fault);
  End(fault, Operation::kGetRange, key);
  return content;
}

std::optional<storage::ObjectInfo> FaultyStore::Stat(const std::string& key, std::stop_token stop) {
  const Fault fault = Begin(Operation::kStat, key, stop);
  auto object = below_->Stat(key, std::move(stop));
  End(fault, Operation::kStat, key);
  return object;
}

void FaultyStore::List(const std::string& prefix, const std::function<void(const storage::ObjectInfo&)>& visit,
                       std::stop_token stop) {
  const Fault fault = Begin(Operation::kList, prefix, stop);
  if (fault == Fault::kHalf) {
    std::vector<storage::ObjectInfo> objects;
    below_->List(
        prefix, [&](const storage::ObjectInfo& object) { objects.push_back(object); }, std::move(stop));
    for (size_t i = 0; i < objects.size() / 2; ++i) visit(objects[i]);
    throw Planted(kind_, Operation::kList, prefix);
  }
  below_->List(prefix, visit, std::move(stop));
  End(fault, Operation::kList, prefix);
}

std::vector<std::string> FaultyStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  const Fault fault = Begin(Operation::kListFolders, prefix, stop);
  auto folders = below_->ListFolders(prefix, std::move(stop));
  End(fault, Operation::kListFolders, prefix);
  return folders;
}

void FaultyStore::Delete(const std::string& key, std::stop_token stop) {
  const Fault fault = Begin(Operation::kDelete, key, stop);
  below_->Delete(key, std::move(stop));
  End(fault, Operation::kDelete, key);
}

std::vector<storage::DeleteFailure> FaultyStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  const std::string first = keys.empty() ? "" : keys.front();
  const Fault fault = Begin(Operation::kDeleteMany, first, stop);
  if (fault == Fault::kHalf) {
    below_->DeleteMany(keys.first(keys.size() / 2), std::move(stop));
    throw Planted(kind_, Operation::kDeleteMany, first);
  }
  auto failures = below_->DeleteMany(keys, std::move(stop));
  End(fault, Operation::kDeleteMany, first);
  return failures;
}

}  // namespace cofre::test
