#include "storage/prefix_store.h"

#include <utility>

namespace cofre::storage {

PrefixStore::PrefixStore(std::shared_ptr<ObjectStore> below, std::string prefix)
    : below_(std::move(below)), prefix_(std::move(prefix)) {
  RequireValidPrefix(prefix_);
}

std::string PrefixStore::Below(const std::string& key) const {
  RequireValidKey(key);  // before it is joined: an empty key must not become the prefix
  return prefix_ + key;
}

void PrefixStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256,
                      std::stop_token stop) {
  below_->Put(Below(key), body, sha256, std::move(stop));
}

Bytes PrefixStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  return below_->Get(Below(key), limit, std::move(stop));
}

Bytes PrefixStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  return below_->GetRange(Below(key), offset, length, std::move(stop));
}

std::optional<ObjectInfo> PrefixStore::Stat(const std::string& key, std::stop_token stop) {
  auto object = below_->Stat(Below(key), std::move(stop));
  if (object) object->key = key;
  return object;
}

void PrefixStore::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                       std::stop_token stop) {
  const auto visit_without_prefix = [&](const ObjectInfo& object) {
    visit({.key = object.key.substr(prefix_.size()), .size = object.size, .md5 = object.md5});
  };
  below_->List(prefix_ + prefix, visit_without_prefix, std::move(stop));
}

std::vector<std::string> PrefixStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  return below_->ListFolders(prefix_ + prefix, std::move(stop));
}

void PrefixStore::Delete(const std::string& key, std::stop_token stop) { below_->Delete(Below(key), std::move(stop)); }

std::vector<DeleteFailure> PrefixStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  std::vector<std::string> below_keys;
  below_keys.reserve(keys.size());
  for (const std::string& key : keys) below_keys.push_back(Below(key));
  auto failures = below_->DeleteMany(below_keys, std::move(stop));
  for (DeleteFailure& failure : failures) failure.key.erase(0, prefix_.size());
  return failures;
}

std::string PrefixStore::Describe() const {
  std::string below = below_->Describe();
  if (!prefix_.empty() && !below.ends_with('/') && !below.ends_with(':')) below += '/';
  return below + prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1);
}

}  // namespace cofre::storage
