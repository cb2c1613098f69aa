#pragma once

// A folder whose objects are written and read no faster than a limit allows: the folder may be another machine's,
// mounted. (S3 holds to its limits within the requests: see io/http_client.h.)
//
// Whole objects wait for their turn before they are written and after they were read, so the limit holds over seconds.

#include <memory>
#include <string>

#include "io/bandwidth.h"
#include "storage/object_store.h"

namespace cofre::storage {

class LimitedStore : public ObjectStore {
 public:
  // A limit that is null is none.
  LimitedStore(std::shared_ptr<ObjectStore> below, std::shared_ptr<io::Bandwidth> upload,
               std::shared_ptr<io::Bandwidth> download);

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
  Bytes Received(Bytes body, const std::stop_token& stop);

  std::shared_ptr<ObjectStore> below_;
  std::shared_ptr<io::Bandwidth> upload_;
  std::shared_ptr<io::Bandwidth> download_;
};

}  // namespace cofre::storage
