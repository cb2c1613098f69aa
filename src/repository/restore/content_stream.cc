#include "repository/restore/content_stream.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "repository/packs/blob_decoder.h"
#include "repository/parallel.h"

namespace cofre::repository {
namespace {

// One request, and what it brought.
struct Request {
  FetchRange range;
  bool done = false;
  Bytes bytes;
  std::exception_ptr error;
};

// Threads that carry out requests in the order in which they were given.
class Fetcher {
 public:
  Fetcher(storage::ObjectStore& store, size_t threads, const std::stop_token& stop)
      : store_(store), relay_(stop, [this] { source_.request_stop(); }) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~Fetcher() { source_.request_stop(); }
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void Give(std::shared_ptr<Request> request) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(request));
    }
    given_.notify_one();
  }

  // Waits until the request is done; throws what it threw.
  void Await(const Request& request) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, source_.get_token(), [&] { return request.done; });
    RequireNotStopped(source_.get_token());
    if (request.error) std::rethrow_exception(request.error);
  }

 private:
  void Work() {
    const std::stop_token stop = source_.get_token();
    for (;;) {
      std::shared_ptr<Request> request;
      {
        std::unique_lock lock(mutex_);
        if (!given_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
        if (stop.stop_requested()) return;
        request = std::move(waiting_.front());
        waiting_.pop_front();
      }
      Bytes bytes;
      std::exception_ptr error;
      try {
        const FetchRange& range = request->range;
        bytes = ReadPackRange(store_, range.pack, range.offset, range.length, stop);
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      request->bytes = std::move(bytes);
      request->error = error;
      request->done = true;
      done_.notify_all();
    }
  }

  storage::ObjectStore& store_;
  std::mutex mutex_;
  std::condition_variable_any given_;
  std::condition_variable_any done_;
  std::deque<std::shared_ptr<Request>> waiting_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> relay_;
  std::vector<std::jthread> threads_;  // last: they use all the above
};

// A window whose requests have been given.
struct LiveWindow {
  FetchWindow plan;
  std::vector<std::shared_ptr<Request>> requests;
};

class Stream {
 public:
  Stream(Repository::State& state, std::span<const Digest> content, const StreamLimits& limits,
         const std::stop_token& stop)
      : state_(state),
        content_(content),
        limits_(limits),
        decoder_(state.sealer),
        fetcher_(*state.store, limits.requests, stop) {}

  void Run(const std::function<void(ByteView plain)>& consume) {
    ReadAhead();
    while (!windows_.empty()) {
      LiveWindow window = std::move(windows_.front());
      windows_.pop_front();
      for (const FetchBlob& wanted : window.plan.blobs) {
        Request& request = *window.requests[wanted.range];
        consume(Take(request, wanted.blob));
        if (--request.range.uses == 0) {
          live_bytes_ -= request.range.length;
          request.bytes = Bytes();
          ReadAhead();
        }
      }
    }
  }

 private:
  // Plans one window more than is given to the fetcher, and gives it as soon as there is room.
  void ReadAhead() {
    for (;;) {
      if (!planned_ && planned_blobs_ < content_.size()) {
        planned_ = PlanFetch(content_.subspan(planned_blobs_), state_.index, limits_.fetch);
        planned_blobs_ += planned_->blobs.size();
      }
      if (!planned_ || (live_bytes_ != 0 && live_bytes_ + planned_->bytes > limits_.memory_bytes)) return;
      LiveWindow window{*std::exchange(planned_, std::nullopt), {}};
      live_bytes_ += window.plan.bytes;
      for (const FetchRange& range : window.plan.ranges) {
        window.requests.push_back(std::make_shared<Request>());
        window.requests.back()->range = range;
        fetcher_.Give(window.requests.back());
      }
      windows_.push_back(std::move(window));
    }
  }

  ByteView Take(const Request& request, const PackedBlob& blob) {
    const std::string key = KeyOf(FileKind::kPack, request.range.pack);
    try {
      fetcher_.Await(request);
      return decoder_.Decode(blob, ByteView(request.bytes).subspan(blob.offset - request.range.offset, blob.length));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound) throw Error(ErrorKind::kCorrupt, "pack " + key + " is missing");
      if (error.kind() == ErrorKind::kCorrupt) throw error.In(key);
      throw;
    }
  }

  Repository::State& state_;
  const std::span<const Digest> content_;
  const StreamLimits limits_;
  BlobDecoder decoder_;
  size_t planned_blobs_ = 0;
  std::optional<FetchWindow> planned_;
  std::deque<LiveWindow> windows_;
  uint64_t live_bytes_ = 0;
  Fetcher fetcher_;
};

}  // namespace

void StreamContent(Repository::State& state, std::span<const Digest> content, const StreamLimits& limits,
                   const std::function<void(ByteView plain)>& consume, std::stop_token stop) {
  if (content.empty()) return;
  Stream(state, content, limits, stop).Run(consume);
}

}  // namespace cofre::repository
