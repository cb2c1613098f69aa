#pragma once

// Brings what waits in the catalogue to one receiver, from a thread of its own. Of several processes on one catalogue
// one at a time sends to a receiver (catalogue's leases), so that nothing is sent twice.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "model/alert.h"
#include "service/notify/receiver.h"

namespace cofre::catalogue {
class Catalogue;
}

namespace cofre::service {

struct DeliveryTiming {
  // What comes within it goes as one message. While messages keep coming it doubles with each, up to 16 times as long;
  // an hour without one brings it back.
  std::chrono::milliseconds gather{60'000};
  std::chrono::milliseconds first_pause{60'000};  // after a failure; doubles with each further one
  std::chrono::milliseconds max_pause{30 * 60'000};
  std::chrono::milliseconds right{5 * 60'000};  // to send: longer than sending can take
  std::chrono::milliseconds look{60'000};       // how often to look for what another process left
};

class Delivery {
 public:
  Delivery(std::unique_ptr<Receiver> receiver, catalogue::Catalogue& catalogue, Clock& clock,
           const DeliveryTiming& timing);
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  const Receiver& receiver() const { return *receiver_; }

  // Something new waits.
  void Wake();
  // No gathering and no pauses until all is sent or one try has failed. Waits for that, at most until `deadline`.
  void BeginFlush();
  void AwaitFlush(std::chrono::milliseconds limit);

 private:
  void Run(const std::stop_token& stop);
  // One look at what waits; returns how long there is nothing to do unless somebody wakes it.
  std::chrono::milliseconds Step(bool flushing, const std::stop_token& stop);
  void DropOld();
  // How long what has waited for `age` has to wait yet, so that others can join it.
  std::chrono::milliseconds Gathering(Duration age) const;
  void NoteSent();
  bool Send(const std::vector<Notice>& notices, const std::stop_token& stop);

  const std::unique_ptr<Receiver> receiver_;
  catalogue::Catalogue& catalogue_;
  Clock& clock_;
  const DeliveryTiming timing_;
  // Of the thread alone.
  int failures_ = 0;
  Duration try_again_{};               // on the monotonic clock, as the next
  std::optional<Duration> last_sent_;  // a message
  int in_a_row_ = 0;                   // messages within an hour of each other

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  bool flushing_ = false;
  std::jthread thread_;  // last: ends first
};

}  // namespace cofre::service
