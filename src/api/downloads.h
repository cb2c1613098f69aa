#pragma once

// Files on their way to clients. Each is made by a thread of its own, of which there are few: neither the thread that
// carries the connections nor those that answer requests wait for a store, a disk or a slow client.
//
// Bounded: so many at once in all and so many of one asker, a megabyte of memory each, and a time that grows with the
// size: a client that takes less than 64 KiB/s is cut off, for meanwhile nothing of the company's can be reclaimed.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "api/message.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/stream.h"
#include "repository/restore.h"

namespace cofre::api {

struct DownloadEnd {
  uint64_t bytes = 0;     // that the client's connection took
  bool complete = false;  // all of it
  bool begun = false;     // something was sent
  std::string problem;    // empty where it is complete
};

struct DownloadOrder {
  std::string asker;   // whose it is, for the limit
  uint64_t bytes = 0;  // about
  // Writes all of it to the sink and calls its Finish. `progress` must have bytes_total before the first byte. From a
  // thread of its own. Called again for a while where it fails as transient before it has written anything.
  std::function<void(ByteSink& sink, repository::RestoreProgress& progress, const std::stop_token& stop)> make;
  // What is answered where it fails before its first byte.
  std::function<Response(const Error&)> problem = [](const Error& error) { return ProblemOf(error); };
  // Called once from that thread, when the client has all or has gone.
  std::function<void(const DownloadEnd&)> ended = [](const DownloadEnd&) {};
};

class Downloads {
 public:
  // `clock` outlives it.
  Downloads(Clock& clock, size_t most) : clock_(clock), most_(most) {}
  // Cuts off what is under way and waits for its threads.
  ~Downloads();
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  // Begins to make it. What has no reader is soon blocked, and ends when the stream does. Throws Refusal unavailable
  // where there are too many.
  std::shared_ptr<FileStream> Start(DownloadOrder order);

  size_t running();

 private:
  class Transfer;
  class Client;
  struct Worker {
    std::shared_ptr<Transfer> transfer;
    std::thread thread;
  };

  void Collect();

  Clock& clock_;
  const size_t most_;
  std::mutex mutex_;
  std::list<Worker> workers_;
};

}  // namespace cofre::api
