#pragma once

// A store that tries again: the one place where a failed request is repeated.
//
// Every operation may be repeated without harm (a Put writes the same bytes under the same key, a Delete of what is
// gone succeeds), so a transient error is retried by the policy and anything else passes through at once. A listing
// that broke in the middle goes on after the last key that was visited: no key is visited twice. The last error of
// several says how often it was tried. What a visitor throws is never retried.

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "base/retry.h"
#include "storage/object_store.h"

namespace cofre::storage {

class RetryStore : public ObjectStore {
 public:
  // `clock` and `random` are not owned and are used from every thread that uses the store.
  RetryStore(std::shared_ptr<ObjectStore> below, const RetryPolicy& policy, Clock& clock, Random& random);

  // The same store with another policy; must not outlive this one.
  RetryStore With(const RetryPolicy& policy) { return {below_, policy, clock_, random_}; }

  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override { return below_->Describe(); }
  std::optional<std::chrono::seconds> ClockSkew() const override { return below_->ClockSkew(); }

 private:
  // `work` with the policy around it, from any thread.
  template <typename Work>
  auto Repeat(const std::stop_token& stop, Work&& work);

  std::shared_ptr<ObjectStore> below_;
  RetryPolicy policy_;
  Clock& clock_;
  LockedRandom random_;
};

}  // namespace cofre::storage
