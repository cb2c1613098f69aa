#include "api/downloads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <optional>
#include <utility>

#include "api/problem.h"
#include "base/error.h"
#include "base/log.h"

namespace cofre::api {
namespace {

constexpr size_t kPieceBytes = 256 << 10;
constexpr size_t kMostPieces = 4;  // ready and not taken
constexpr size_t kMostOfOneAsker = 3;
constexpr Duration kShortestTime = std::chrono::minutes(10);
constexpr uint64_t kLeastBytesPerSecond = 64 << 10;
constexpr auto kRetryAfter = std::chrono::seconds(30);
constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr Duration kPause = std::chrono::seconds(1);

Duration LongestTime(uint64_t bytes) { return kShortestTime + std::chrono::seconds(bytes / kLeastBytesPerSecond); }

}  // namespace

// What the thread that makes a file and the connection that takes it share.
class Downloads::Transfer : public ByteSink {
 public:
  Transfer(Clock& clock, DownloadOrder order)
      : clock_(clock), order_(std::move(order)), ends_at_(clock.Monotonic() + LongestTime(order_.bytes)) {}

  const std::string& asker() const { return order_.asker; }
  bool over() const { return over_; }
  void Stop() {
    stop_.request_stop();
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

  // The thread's whole life.
  void Run() {
    std::string problem;
    std::shared_ptr<Response> instead;
    try {
      Make();
    } catch (const Error& error) {
      problem = error.what();
      instead = std::make_shared<Response>(order_.problem(error));
    } catch (const std::exception& error) {
      problem = error.what();
      instead = std::make_shared<Response>(order_.problem({ErrorKind::kPermanent, "the file could not be made"}));
    }
    {
      std::unique_lock lock(mutex_);
      made_ = true;
      problem_ = problem;
      instead_ = std::move(instead);
      if (!problem_.empty()) pieces_.clear();
      Ring();
      // Until the client has it.
      while (!gone_ && !stop_.stop_requested() && !IsLate()) changed_.wait_for(lock, kLookEvery);
      late_ = late_ || !gone_;
    }
    TellEnd();
    over_ = true;
  }

  void Write(ByteView data) override {
    written_ = true;
    while (!data.empty()) {
      if (piece_.capacity() < kPieceBytes) piece_.reserve(kPieceBytes);
      const size_t part = std::min(data.size(), kPieceBytes - piece_.size());
      piece_.append(AsText(data.first(part)));
      data = data.subspan(part);
      if (piece_.size() == kPieceBytes) Push();
    }
  }

  void Finish() override {
    if (!piece_.empty()) Push();
  }

  // The client's side.

  std::optional<std::string> Take() {
    const std::lock_guard lock(mutex_);
    if (late_) return std::nullopt;
    if (!pieces_.empty()) {
      std::string piece = std::move(pieces_.front());
      pieces_.pop_front();
      taken_ += piece.size();
      changed_.notify_all();
      return piece;
    }
    if (!made_) return "";
    complete_ = problem_.empty() && begun_ && taken_ == progress_.bytes_total;
    return std::nullopt;
  }

  FileStream::Head Begin() {
    const std::lock_guard lock(mutex_);
    if (instead_ != nullptr && taken_ == 0) return {.instead = instead_};
    if (late_) {
      return {.instead = std::make_shared<Response>(order_.problem({ErrorKind::kTransient, "it took too long"}))};
    }
    begun_ = true;
    return {.bytes = progress_.bytes_total};
  }

  void OnReady(std::function<void()> ready) {
    const std::lock_guard lock(mutex_);
    ready_ = std::move(ready);
  }

  void ClientIsGone() {
    {
      const std::lock_guard lock(mutex_);
      gone_ = true;
      ready_ = nullptr;
      pieces_.clear();
    }
    // Ends a request to the store too.
    Stop();
  }

 private:
  // What is busy (a repository while it is verified) may soon be free: nothing was sent, so it is tried again for a
  // while.
  void Make() {
    const Duration patient_until = clock_.Monotonic() + kPatience;
    while (true) {
      try {
        return order_.make(*this, progress_, stop_.get_token());
      } catch (Error& error) {
        if (error.kind() != ErrorKind::kTransient || written_) throw;
        if (stop_.stop_requested() || clock_.Monotonic() >= patient_until) {
          error.WithRetryAfter(kRetryAfter);
          throw;
        }
      }
      clock_.SleepFor(kPause, stop_.get_token());
    }
  }

  bool IsLate() const { return clock_.Monotonic() >= ends_at_; }

  void Ring() const {
    if (ready_) ready_();
  }

  void Push() {
    std::unique_lock lock(mutex_);
    while (pieces_.size() >= kMostPieces && !gone_ && !stop_.stop_requested() && !IsLate()) {
      changed_.wait_for(lock, kLookEvery);
    }
    if (gone_ || stop_.stop_requested()) throw Error(ErrorKind::kCancelled, "the client has gone");
    if (IsLate()) throw Error(ErrorKind::kTransient, "the client took it too slowly");
    pieces_.push_back(std::exchange(piece_, {}));
    if (pieces_.size() == 1) Ring();
  }

  void TellEnd() {
    DownloadEnd end;
    {
      const std::lock_guard lock(mutex_);
      end = {.bytes = taken_, .complete = complete_, .begun = begun_, .problem = problem_};
      if (!complete_ && end.problem.empty()) end.problem = late_ ? "the client took it too slowly" : "cut off";
      ready_ = nullptr;
    }
    try {
      order_.ended(end);
    } catch (const std::exception& error) {
      Log(LogLevel::kError, "download_not_recorded", {{"error", error.what()}});
    }
    order_.make = nullptr;
    order_.ended = nullptr;
  }

  Clock& clock_;
  DownloadOrder order_;
  const Duration ends_at_;
  std::stop_source stop_;
  repository::RestoreProgress progress_;
  std::atomic<bool> over_ = false;  // the thread has nothing more to do

  // Of the thread alone.
  std::string piece_;
  bool written_ = false;

  std::mutex mutex_;  // of the rest
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  uint64_t taken_ = 0;
  bool made_ = false;      // no piece comes any more
  bool gone_ = false;      // nobody takes any more
  bool late_ = false;      // it was given up before somebody had taken all
  bool begun_ = false;     // its head was sent
  bool complete_ = false;  // all was taken, and sent
  std::string problem_;
  std::shared_ptr<Response> instead_;
  std::function<void()> ready_;
};

class Downloads::Client : public FileStream {
 public:
  explicit Client(std::shared_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  ~Client() override { transfer_->ClientIsGone(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::optional<std::string> Take() override { return transfer_->Take(); }
  Head Begin() override { return transfer_->Begin(); }
  void OnReady(std::function<void()> ready) override { transfer_->OnReady(std::move(ready)); }

 private:
  std::shared_ptr<Transfer> transfer_;
};

Downloads::~Downloads() {
  const std::lock_guard lock(mutex_);
  for (const Worker& worker : workers_) worker.transfer->Stop();
  for (Worker& worker : workers_) worker.thread.join();
}

void Downloads::Collect() {
  for (auto at = workers_.begin(); at != workers_.end();) {
    if (!at->transfer->over()) {
      ++at;
      continue;
    }
    at->thread.join();
    at = workers_.erase(at);
  }
}

size_t Downloads::running() {
  const std::lock_guard lock(mutex_);
  Collect();
  return workers_.size();
}

std::shared_ptr<FileStream> Downloads::Start(DownloadOrder order) {
  const std::lock_guard lock(mutex_);
  Collect();
  const auto of_asker =
      std::ranges::count_if(workers_, [&](const Worker& one) { return one.transfer->asker() == order.asker; });
  if (workers_.size() >= most_ || static_cast<size_t>(of_asker) >= kMostOfOneAsker) {
    Refusal refusal("unavailable", "too many downloads are under way", "wait until one has ended, then try again");
    refusal.WithRetryAfter(kRetryAfter);
    throw refusal;
  }
  const auto transfer = std::make_shared<Transfer>(clock_, std::move(order));
  auto client = std::make_shared<Client>(transfer);
  workers_.push_back({.transfer = transfer, .thread = std::thread([transfer] { transfer->Run(); })});
  return client;
}

}  // namespace cofre::api
