#include "api/attempts.h"

#include <algorithm>

namespace cofre::api {

Duration Attempts::Wait(const std::string& key, Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(key);
  if (found == records_.end()) return Duration(0);
  return std::max(found->second.free_at - now, Duration(0));
}

void Attempts::Failed(const std::string& key, Duration now) {
  const std::lock_guard lock(mutex_);
  if (!records_.contains(key) && records_.size() >= most_keys_) {
    records_.erase(std::ranges::min_element(records_, {}, [](const auto& one) { return one.second.last; }));
  }
  Record& record = records_[key];
  if (now - record.last > policy_.forgotten) record = {};
  ++record.failures;
  record.last = now;
  if (record.failures < policy_.free) return;
  const int doublings = std::min(record.failures - policy_.free, 20);
  record.free_at = now + std::min(policy_.first * (int64_t{1} << doublings), policy_.longest);
}

void Attempts::Succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  records_.erase(key);
}

}  // namespace cofre::api
