#include "storage/limited_store.h"

#include <utility>

namespace cofre::storage {

LimitedStore::LimitedStore(std::shared_ptr<ObjectStore> below, std::shared_ptr<io::Bandwidth> upload,
                           std::shared_ptr<io::Bandwidth> download)
    : below_(std::move(below)), upload_(std::move(upload)), download_(std::move(download)) {}

void LimitedStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256,
                       std::stop_token stop) {
  if (upload_ != nullptr) upload_->TakeAll(body.size(), stop);
  below_->Put(key, body, sha256, std::move(stop));
}

Bytes LimitedStore::Received(Bytes body, const std::stop_token& stop) {
  if (download_ != nullptr) download_->TakeAll(body.size(), stop);
  return body;
}

Bytes LimitedStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  return Received(below_->Get(key, limit, stop), stop);
}

Bytes LimitedStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  return Received(below_->GetRange(key, offset, length, stop), stop);
}

std::optional<ObjectInfo> LimitedStore::Stat(const std::string& key, std::stop_token stop) {
  return below_->Stat(key, std::move(stop));
}

void LimitedStore::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                        std::stop_token stop) {
  below_->List(prefix, visit, std::move(stop));
}

std::vector<std::string> LimitedStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  return below_->ListFolders(prefix, std::move(stop));
}

void LimitedStore::Delete(const std::string& key, std::stop_token stop) { below_->Delete(key, std::move(stop)); }

std::vector<DeleteFailure> LimitedStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  return below_->DeleteMany(keys, std::move(stop));
}

}  // namespace cofre::storage
