#pragma once

// A store that misbehaves on purpose: what a test plants happens to chosen operations, everything else passes through.
// Also counts operations. Thread-safe, but for choosing faults, which is done before the store is used.

#include <array>
#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/error.h"
#include "storage/object_store.h"

namespace cofre::test {

class FaultyStore : public storage::ObjectStore {
 public:
  enum class Operation : uint8_t { kPut, kGet, kGetRange, kStat, kList, kListFolders, kDelete, kDeleteMany };
  static constexpr size_t kOperations = 8;

  enum class Fault : uint8_t {
    kNone,
    kError,       // fails and does nothing
    kLostAnswer,  // does it, then fails
    kHalf,   // a listing or a deletion of many fails half way; a read returns half of the bytes as if that were all
    kFlip,   // a read returns one bit wrong
    kDelay,  // does it, after the pause given with SetDelay
  };

  struct Call {
    Operation operation = Operation::kPut;
    std::string key;      // or the prefix; of kDeleteMany the first key
    uint64_t number = 0;  // from 1, over all operations
    bool Writes() const {
      return operation == Operation::kPut || operation == Operation::kDelete || operation == Operation::kDeleteMany;
    }
  };
  using Script = std::function<Fault(const Call&)>;

  explicit FaultyStore(std::shared_ptr<storage::ObjectStore> below);

  // Decides each call's fault. `kind` is that of the errors.
  void SetScript(Script script, ErrorKind kind = ErrorKind::kTransient);
  // The operation that comes `number`th from now (1 is the next one) has the fault; the others have none.
  void FailNth(uint64_t number, Fault fault, ErrorKind kind = ErrorKind::kTransient);
  // Each operation has a fault of the list with the probability, drawn from the seed.
  void FailAtRandom(uint64_t seed, double probability, std::vector<Fault> faults,
                    ErrorKind kind = ErrorKind::kTransient);
  // After `writes` more writes (Put, Delete, DeleteMany) have taken place, nothing does any more: every operation fails
  // with kind permanent. With `lost_answer` the last of those writes fails too, after it took place.
  void CutPowerAfter(uint64_t writes, bool lost_answer);
  void SetDelay(Clock& clock, Duration delay);
  // No more faults.
  void Heal();

  uint64_t Count(Operation operation) const;
  uint64_t CountAll() const;
  void ResetCounts();

  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<storage::ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const storage::ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<storage::DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override { return below_->Describe(); }
  std::optional<std::chrono::seconds> ClockSkew() const override { return below_->ClockSkew(); }

 private:
  // Counts the call, and throws or waits where its fault says so.
  Fault Begin(Operation operation, const std::string& key, const std::stop_token& stop);
  void End(Fault fault, Operation operation, const std::string& key) const;

  std::shared_ptr<storage::ObjectStore> below_;
  mutable std::mutex mutex_;
  Script script_;
  ErrorKind kind_ = ErrorKind::kTransient;
  Clock* clock_ = nullptr;
  Duration delay_{};
  uint64_t calls_ = 0;
  std::array<uint64_t, kOperations> counts_{};
};

}  // namespace cofre::test
