#pragma once

// Who has guessed wrong too often must wait. In memory: a new start of the service forgets it.

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace cofre::api {

struct AttemptPolicy {
  int free = 5;                               // failures before it begins
  Duration first = std::chrono::seconds(30);  // then so long, and twice as long after each further one
  Duration longest = std::chrono::minutes(15);
  Duration forgotten = std::chrono::hours(1);  // after the last failure
};

// Thread-safe, and of bounded size: where too many keys are known, the one that was quiet the longest is forgotten.
class Attempts {
 public:
  explicit Attempts(AttemptPolicy policy, size_t most_keys = 10'000) : policy_(policy), most_keys_(most_keys) {}

  // How long `key` must still wait; zero: it may try. `now` is Clock::Monotonic.
  Duration Wait(const std::string& key, Duration now);
  void Failed(const std::string& key, Duration now);
  void Succeeded(const std::string& key);

 private:
  struct Record {
    int failures = 0;
    Duration last{};
    Duration free_at{};
  };

  const AttemptPolicy policy_;
  const size_t most_keys_;
  std::mutex mutex_;
  std::map<std::string, Record> records_;
};

}  // namespace cofre::api
