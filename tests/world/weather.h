#pragma once

// What goes wrong around the service: the store, the servers, and when it is to be killed.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/faulty_store.h"
#include "tests/world/timeline.h"

namespace cofre::world {

enum class StoreState : uint8_t { kGood, kFlaky, kDown, kSlow };
enum class ServerState : uint8_t { kGood, kDown, kStalls, kSlow };

// When a process is killed: before a request, half way (of a deletion of many), or when it has taken place.
enum class Moment : uint8_t { kBefore, kHalfWay, kAfter };

// Which requests count until then.
enum class Target : uint8_t { kAny, kWrite, kIndex, kPackDeletion, kSnapshot };

// What a process loses for a time: all of itself, or its way to the catalogue.
enum class Loss : uint8_t { kItself, kCatalogue };

// What a request may bring on the process that makes it. Called from any thread of its.
struct Fate {
  std::function<bool()> is_dead;
  std::function<void()> kill;
  std::function<void(Loss, Duration)> lose;
};

struct FaultCounts {
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> errors{0};
  std::atomic<uint64_t> lost_answers{0};
  std::atomic<uint64_t> halves{0};
};

// Thread-safe: requests come from threads of jobs.
class Weather {
 public:
  Weather(uint64_t seed, VirtualClock& clock, size_t servers) : seed_(seed), clock_(clock), servers_(servers) {}

  // Until the monotonic time `until`. `rate` is the share of requests that fail where it is flaky.
  void SetStore(StoreState state, Duration until, double rate = 0);
  void SetServer(uint32_t server, ServerState state, Duration until);
  void Clear();
  ServerState server(uint32_t server) const;

  // Whoever makes the request that comes `requests`th from now of those that count is killed.
  void KillAt(Target target, uint64_t requests, Moment moment);
  // Whoever is about to store or remove snapshots, at the `requests`th time from now, has that loss for that time.
  void LoseAt(Loss loss, uint64_t requests, Duration span);

  // A store for one process. Once that is dead, it does nothing any more. Each job's requests have chances of their
  // own, which begin anew with BeginJob.
  std::shared_ptr<test::FaultyStore> MakeStore(std::shared_ptr<storage::ObjectStore> below, Fate fate);
  void BeginJob(const std::string& company, int64_t job);

  const FaultCounts& counts() const { return counts_; }

 private:
  using Fault = test::FaultyStore::Fault;

  // Lets an actor sleep where a request under a repository's lock is slow, or its process frozen.
  class SlowRequests : public Clock {
   public:
    explicit SlowRequests(Weather& weather) : weather_(weather) {}
    TimePoint Now() const override { return weather_.clock_.Now(); }
    Duration Monotonic() const override { return weather_.clock_.Monotonic(); }
    void SleepFor(Duration pause, std::stop_token stop) override;

   private:
    Weather& weather_;
  };

  struct StoreWeather {
    StoreState state = StoreState::kGood;
    Duration until{};
    double rate = 0;
  };
  struct ServerWeather {
    ServerState state = ServerState::kGood;
    Duration until{};
  };
  struct JobChance {
    int64_t job = 0;
    std::map<std::pair<test::FaultyStore::Operation, std::string>, uint64_t> requests;
  };

  // These with the mutex held.
  StoreState store() const { return store_.until > clock_.Monotonic() ? store_.state : StoreState::kGood; }
  Fault Decide(const test::FaultyStore::Call& call, const Fate& fate);
  // Whether it is time for the loss that was ordered.
  bool Loses(const test::FaultyStore::Call& call);
  Fault Draw(const test::FaultyStore::Call& call);

  const uint64_t seed_;
  VirtualClock& clock_;
  SlowRequests slow_{*this};
  mutable std::mutex mutex_;
  StoreWeather store_;
  std::vector<ServerWeather> servers_;
  uint64_t kill_in_ = 0;
  Target kill_target_ = Target::kAny;
  Moment kill_moment_ = Moment::kBefore;
  Loss loss_ = Loss::kItself;
  uint64_t lose_in_ = 0;
  Duration loss_span_{};
  FaultCounts counts_;
  std::map<std::string, JobChance> chances_;
};

}  // namespace cofre::world
