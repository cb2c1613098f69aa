#include "storage/memory_store.h"

#include <algorithm>

#include "base/stop.h"
#include "storage/store_errors.h"

namespace cofre::storage {

std::shared_ptr<const Bytes> MemoryStore::Find(const std::string& key) const {
  RequireValidKey(key);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) throw NoSuchObject(Describe(), key);
  return found->second;
}

void MemoryStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& /*sha256*/,
                      std::stop_token stop) {
  RequireValidKey(key);
  ThrowIfStopped(stop);
  auto content = std::make_shared<const Bytes>(body.begin(), body.end());
  const std::lock_guard lock(mutex_);
  objects_[key] = std::move(content);
}

Bytes MemoryStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  ThrowIfStopped(stop);
  const auto content = Find(key);
  if (content->size() > limit) throw ObjectTooLarge(Describe(), key, limit);
  return *content;
}

Bytes MemoryStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  ThrowIfStopped(stop);
  const auto content = Find(key);
  if (offset > content->size() || length > content->size() - offset) {
    throw ObjectTooShort(Describe(), key, offset, length);
  }
  const auto begin = content->begin() + static_cast<ptrdiff_t>(offset);
  return {begin, begin + static_cast<ptrdiff_t>(length)};
}

std::optional<ObjectInfo> MemoryStore::Stat(const std::string& key, std::stop_token stop) {
  RequireValidKey(key);
  ThrowIfStopped(stop);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return ObjectInfo{.key = key, .size = found->second->size()};
}

void MemoryStore::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                       std::stop_token stop) {
  RequireValidPrefix(prefix);
  // As S3 does it. Of small ones only: it is computed anew for each listing.
  constexpr size_t kMd5AtMost = 65536;
  std::vector<ObjectInfo> found;  // visited without the lock, so that `visit` may use the store
  {
    const std::lock_guard lock(mutex_);
    for (auto object = objects_.lower_bound(prefix); object != objects_.end(); ++object) {
      if (!object->first.starts_with(prefix)) break;
      ObjectInfo& info = found.emplace_back(ObjectInfo{.key = object->first, .size = object->second->size()});
      if (info.size <= kMd5AtMost) info.md5 = Md5(*object->second);
    }
  }
  for (const ObjectInfo& object : found) {
    ThrowIfStopped(stop);
    visit(object);
  }
}

std::vector<std::string> MemoryStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  RequireValidPrefix(prefix);
  ThrowIfStopped(stop);
  std::vector<std::string> folders;
  const std::lock_guard lock(mutex_);
  for (auto object = objects_.lower_bound(prefix); object != objects_.end();) {
    if (!object->first.starts_with(prefix)) break;
    const size_t slash = object->first.find('/', prefix.size());
    if (slash == std::string::npos) {
      ++object;
      continue;
    }
    folders.push_back(object->first.substr(prefix.size(), slash - prefix.size()));
    // '0' is the character after '/': beyond everything in this folder.
    object = objects_.lower_bound(object->first.substr(0, slash) + '0');
  }
  std::ranges::sort(folders);  // "a.b/" comes before "a/", but "a" before "a.b"
  return folders;
}

void MemoryStore::Delete(const std::string& key, std::stop_token stop) {
  RequireValidKey(key);
  ThrowIfStopped(stop);
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
}

std::vector<DeleteFailure> MemoryStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  for (const std::string& key : keys) Delete(key, stop);
  return {};
}

}  // namespace cofre::storage
