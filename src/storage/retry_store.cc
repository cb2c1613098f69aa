#include "storage/retry_store.h"

#include <exception>
#include <utility>

namespace cofre::storage {

RetryStore::RetryStore(std::shared_ptr<ObjectStore> below, const RetryPolicy& policy, Clock& clock, Random& random)
    : below_(std::move(below)), policy_(policy), clock_(clock), random_(random) {}

template <typename Work>
auto RetryStore::Repeat(const std::stop_token& stop, Work&& work) {
  return Retry(policy_, clock_, random_, stop, std::forward<Work>(work));
}

void RetryStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) {
  Repeat(stop, [&] { below_->Put(key, body, sha256, stop); });
}

Bytes RetryStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  return Repeat(stop, [&] { return below_->Get(key, limit, stop); });
}

Bytes RetryStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  return Repeat(stop, [&] { return below_->GetRange(key, offset, length, stop); });
}

std::optional<ObjectInfo> RetryStore::Stat(const std::string& key, std::stop_token stop) {
  return Repeat(stop, [&] { return below_->Stat(key, stop); });
}

void RetryStore::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                      std::stop_token stop) {
  std::string last_visited;
  std::exception_ptr visitor_failed;
  Repeat(stop, [&] {
    try {
      below_->List(
          prefix,
          [&](const ObjectInfo& object) {
            if (object.key <= last_visited) return;
            last_visited = object.key;
            try {
              visit(object);
            } catch (...) {
              visitor_failed = std::current_exception();
              throw;
            }
          },
          stop);
    } catch (const Error&) {
      if (!visitor_failed) throw;
    }
  });
  if (visitor_failed) std::rethrow_exception(visitor_failed);
}

std::vector<std::string> RetryStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  return Repeat(stop, [&] { return below_->ListFolders(prefix, stop); });
}

void RetryStore::Delete(const std::string& key, std::stop_token stop) {
  Repeat(stop, [&] { below_->Delete(key, stop); });
}

std::vector<DeleteFailure> RetryStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  return Repeat(stop, [&] { return below_->DeleteMany(keys, stop); });
}

}  // namespace cofre::storage
