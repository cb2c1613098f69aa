#pragma once

// What lies below "a/b/" of another store, as a store of its own: a repository sees only its own objects.

#include <memory>
#include <string>

#include "storage/object_store.h"

namespace cofre::storage {

class PrefixStore : public ObjectStore {
 public:
  // `prefix` is "" or ends in '/'; throws kind usage otherwise. Keys here and prefix together are at most 512 bytes.
  PrefixStore(std::shared_ptr<ObjectStore> below, std::string prefix);

  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override;
  std::optional<std::chrono::seconds> ClockSkew() const override { return below_->ClockSkew(); }

 private:
  std::string Below(const std::string& key) const;

  std::shared_ptr<ObjectStore> below_;
  std::string prefix_;
};

}  // namespace cofre::storage
