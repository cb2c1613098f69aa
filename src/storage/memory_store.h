#pragma once

// Objects in this process's memory, gone with it: for tests, and as the plainest statement of what a store does.

#include <map>
#include <memory>
#include <mutex>

#include "storage/object_store.h"

namespace cofre::storage {

class MemoryStore : public ObjectStore {
 public:
  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override { return "memory:"; }

 private:
  std::shared_ptr<const Bytes> Find(const std::string& key) const;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Bytes>> objects_;
};

}  // namespace cofre::storage
