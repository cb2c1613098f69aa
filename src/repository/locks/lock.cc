#include "repository/locks/lock.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "repository/locks/lock_record.h"
#include "repository/locks/own_locks.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kRefreshEvery = minutes(5);
constexpr Duration kRetryRefreshAfter = seconds(30);
constexpr Duration kLostAfter = seconds(1350);  // 22.5 minutes: 30 less one and a half refreshes, as restic has it
// How often the refreshing thread looks at the clock, which a test may have moved and a sleeping machine has.
constexpr milliseconds kLookEvery(500);
constexpr seconds kCleanUpWithin(20);

// A stop token that fires after some real time, for requests that must be tried even when the caller has been
// cancelled.
class Deadline {
 public:
  explicit Deadline(seconds limit)
      : timer_([this, limit](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          condition_.wait_for(lock, stop, limit, [] { return false; });
          if (!stop.stop_requested()) source_.request_stop();
        }) {}

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::mutex mutex_;
  std::condition_variable_any condition_;
  std::stop_source source_;
  std::jthread timer_;
};

}  // namespace

class RepositoryLock::Impl {
 public:
  Impl(Repository::State& state, LockMode mode, const std::stop_token& stop, Listing* listing)
      : state_(state), mode_(mode), relay_(stop, [this] { source_.request_stop(); }) {
    try {
      Write(source_.get_token());
      if (listing != nullptr) {
        *listing = state_.ListEverything(token());
        RefuseConflicts(listing->locks);
      } else {
        RefuseConflicts(storage::ListAll(*state_.store, std::string(FolderOf(FileKind::kLock)), token()));
      }
    } catch (...) {
      DeleteWritten();
      throw;
    }
    refresher_ = std::jthread([this](const std::stop_token& end) { KeepFresh(end); });
  }

  ~Impl() {
    StopRefreshing();
    DeleteWritten();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::stop_token token() const { return source_.get_token(); }

  void RequireHeld() const {
    if (!lost_ && Age() < kLostAfter) return;
    throw Error(ErrorKind::kTransient, "the repository's lock could not be refreshed in time and counts as lost",
                "check the connection to " + state_.store->Describe());
  }

  std::vector<storage::DeleteFailure> ReleaseWith(std::span<const std::string> keys) {
    RequireHeld();
    StopRefreshing();
    std::vector<std::string> all(keys.begin(), keys.end());
    for (const Digest& id : written_) {
      OwnLocks::Instance().Set(Identity(), id, OwnLockState::kAbandoned);
      all.push_back(KeyOf(FileKind::kLock, id));
    }
    std::vector<storage::DeleteFailure> failures = state_.store->DeleteMany(all, token());
    const auto failed = [&](const Digest& id) {
      return std::erase_if(failures, [key = KeyOf(FileKind::kLock, id)](const auto& one) { return one.key == key; }) >
             0;
    };
    // What is left of the lock is deleted at its end.
    std::erase_if(written_, [&](const Digest& id) {
      if (failed(id)) return false;
      OwnLocks::Instance().Erase(id);
      return true;
    });
    return failures;
  }

 private:
  const std::string& Identity() const { return state_.environment.process_identity; }

  // How long ago the newest lock object was written. The wall clock counts too: a machine that slept does not see the
  // time pass on its monotonic one, but others do.
  Duration Age() const {
    const Clock& clock = *state_.environment.clock;
    return std::max(clock.Monotonic() - Duration(written_monotonic_.load()),
                    clock.Now().time_since_epoch() - Duration(written_wall_.load()));
  }

  // The thread may be writing the next lock object at this moment.
  void StopRefreshing() {
    if (!refresher_.joinable()) return;
    refresher_.request_stop();
    refresher_.join();
  }

  // Puts a lock object that says "now". After an error it may be there all the same, so it is remembered before.
  void Write(const std::stop_token& stop) {
    const Clock& clock = *state_.environment.clock;
    const Duration monotonic = clock.Monotonic();
    const LockRecord record = OwnLockRecord(state_.environment, mode_ == LockMode::kExclusive);
    const SealedFile file = state_.SealUnpacked(LockToJson(record));
    written_.push_back(file.id);
    OwnLocks::Instance().Set(Identity(), file.id,
                             record.exclusive ? OwnLockState::kHeldExclusive : OwnLockState::kHeldShared);
    state_.store->Put(KeyOf(FileKind::kLock, file.id), file.bytes, file.id, stop);
    written_monotonic_ = monotonic.count();
    written_wall_ = record.time.time_since_epoch().count();
  }

  void RefuseConflicts(const std::vector<storage::ObjectInfo>& objects) {
    for (const storage::ObjectInfo& object : objects) {
      const auto id = IdOfKey(FileKind::kLock, object.key);
      // restic, too, takes an empty lock object for what a full disk left behind.
      if (!id || object.size == 0 || std::find(written_.begin(), written_.end(), *id) != written_.end()) continue;
      if (const auto own = OwnLocks::Instance().Find(Identity(), *id)) {
        LookAtOwn(*id, *own);
      } else {
        LookAtForeign(*id);
      }
    }
  }

  void LookAtOwn(const Digest& id, OwnLockState state) {
    if (state == OwnLockState::kAbandoned) {
      Remove(id);
    } else if (mode_ == LockMode::kExclusive || state == OwnLockState::kHeldExclusive) {
      throw Error(ErrorKind::kTransient, "the repository is locked by another operation of this process");
    }
  }

  void LookAtForeign(const Digest& id) {
    LockRecord record;
    try {
      record = LockFromJson(state_.LoadUnpacked(FileKind::kLock, id, token()));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound) return;  // let go meanwhile
      if (error.kind() != ErrorKind::kCorrupt) throw;
      throw Error(ErrorKind::kCorrupt, KeyOf(FileKind::kLock, id) + " cannot be read: " + error.what(),
                  "if nothing else works on this repository, run `restic unlock --remove-all` on it");
    }
    if (IsStale(record, state_.environment)) {
      Log(LogLevel::kWarning, "stale_lock_removed",
          {{"host", record.hostname},
           {"process", std::to_string(record.process_id)},
           {"since", FormatTime(record.time)},
           {"store", state_.store->Describe()}});
      Remove(id);
      return;
    }
    if (mode_ == LockMode::kShared && !record.exclusive) return;
    throw Error(ErrorKind::kTransient,
                std::string("the repository is locked ") + (record.exclusive ? "exclusively " : "") + "by " +
                    record.hostname + ", process " + std::to_string(record.process_id) + ", since " +
                    FormatTime(record.time),
                "wait for it to end; a lock that nobody refreshes is removed after 30 minutes");
  }

  void Remove(const Digest& id) {
    state_.store->Delete(KeyOf(FileKind::kLock, id), token());
    OwnLocks::Instance().Erase(id);
  }

  void KeepFresh(const std::stop_token& end) {
    std::mutex mutex;
    std::condition_variable_any condition;
    Duration next_try = kRefreshEvery;
    while (!end.stop_requested()) {
      {
        std::unique_lock lock(mutex);
        condition.wait_for(lock, end, kLookEvery, [] { return false; });
      }
      if (end.stop_requested()) return;
      const Duration age = Age();
      if (age >= kLostAfter) {
        lost_ = true;
        source_.request_stop();
        return;
      }
      if (age < next_try) continue;
      next_try = Refresh(end) ? kRefreshEvery : age + kRetryRefreshAfter;
    }
  }

  bool Refresh(const std::stop_token& end) {
    const size_t old_locks = written_.size();
    try {
      Write(end);
      for (size_t i = 0; i < old_locks; ++i) {
        state_.store->Delete(KeyOf(FileKind::kLock, written_.front()), end);
        OwnLocks::Instance().Erase(written_.front());
        written_.erase(written_.begin());
      }
      return true;
    } catch (const Error& error) {
      if (!end.stop_requested()) {
        Log(LogLevel::kWarning, "lock_refresh_failed", {{"error", error.what()}, {"store", state_.store->Describe()}});
      }
      return Age() < kRefreshEvery;  // written, only an old one could not be deleted
    }
  }

  // Deletes every lock object that may exist, even when the caller has been cancelled: a lock left behind is in the way
  // of others. What cannot be deleted now is deleted by the next operation.
  void DeleteWritten() noexcept {
    if (written_.empty()) return;
    try {
      const Deadline deadline(kCleanUpWithin);
      for (const Digest& id : written_) {
        OwnLocks::Instance().Set(Identity(), id, OwnLockState::kAbandoned);
      }
      for (const Digest& id : written_) {
        state_.store->Delete(KeyOf(FileKind::kLock, id), deadline.token());
        OwnLocks::Instance().Erase(id);
      }
    } catch (const std::exception& error) {
      try {
        Log(LogLevel::kWarning, "lock_not_deleted", {{"error", error.what()}, {"store", state_.store->Describe()}});
      } catch (const std::exception&) {
        return;  // no memory left for the log line either
      }
    }
  }

  Repository::State& state_;
  const LockMode mode_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> relay_;
  std::vector<Digest> written_;  // of the constructor, then of the refreshing thread, then of the destructor
  std::atomic<int64_t> written_monotonic_{0};
  std::atomic<int64_t> written_wall_{0};
  std::atomic<bool> lost_{false};
  std::jthread refresher_;
};

RepositoryLock::RepositoryLock(Repository::State& state, LockMode mode, std::stop_token stop)
    : impl_(std::make_unique<Impl>(state, mode, stop, nullptr)) {}

RepositoryLock::RepositoryLock(Repository::State& state, LockMode mode, std::stop_token stop, Listing& listing)
    : impl_(std::make_unique<Impl>(state, mode, stop, &listing)) {}

RepositoryLock::~RepositoryLock() = default;

std::stop_token RepositoryLock::token() const { return impl_->token(); }

void RepositoryLock::RequireHeld() const { impl_->RequireHeld(); }

std::vector<storage::DeleteFailure> RepositoryLock::ReleaseWith(std::span<const std::string> keys) {
  return impl_->ReleaseWith(keys);
}

}  // namespace cofre::repository
