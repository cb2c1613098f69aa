#pragma once

// Live events (text/event-stream of the HTML standard): jobs that begin, go on and end. What a client missed while it
// was away is sent again when it comes back with Last-Event-ID, as long as it is still kept.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "api/identity.h"
#include "api/job_view.h"
#include "api/message.h"
#include "base/clock.h"
#include "catalogue/catalogue.h"

namespace cofre::api {

inline constexpr size_t kKeptEvents = 2000;
inline constexpr size_t kMostStreams = 500;
// Then a stream ends, and its client comes again: so a session that is over hears nothing more.
inline constexpr std::chrono::minutes kStreamLife(5);

// Thread-safe. Its memory is bounded: of kKeptEvents, and nothing for a client that reads slowly.
class EventHub {
 public:
  // The references outlive it, and it outlives its streams.
  EventHub(catalogue::Catalogue& catalogue, const JobView& jobs, Clock& clock);
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  // Of what `identity` may see. An id that is no longer known, or of another start of the service, is answered with an
  // event "reinicio": the client reads anew what it shows. Throws Refusal unavailable where there are too many.
  std::shared_ptr<Stream> Open(const Identity& identity, const std::string& last_event_id);

  // Looks at the jobs, if anybody listens, and publishes what is new. Twice a second or so, from one thread.
  void Look();
  // A job has changed: published at once.
  void Publish(const Job& job);

 private:
  class Listener;
  struct Event {
    uint64_t number = 0;
    std::string company;
    std::string text;
  };

  // Under the mutex.
  void Add(const std::string& company, const Json& job);
  std::string IdOf(uint64_t number) const;

  catalogue::Catalogue& catalogue_;
  const JobView& jobs_;
  Clock& clock_;
  std::string epoch_;  // of this start: ids of another one mean nothing here
  std::mutex mutex_;
  std::deque<Event> events_;
  uint64_t newest_ = 0;
  std::set<Listener*> listeners_;
  std::map<int64_t, uint64_t> running_;  // jobs that ran at the last look, and their bytes
};

}  // namespace cofre::api
