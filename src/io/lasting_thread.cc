#include "io/lasting_thread.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace cofre::io {
namespace {

class LastingThread {
 public:
  LastingThread() {
    std::thread([this] { Loop(); }).detach();
  }

  void Run(const std::function<void()>& work) {
    const std::lock_guard turn(turn_);
    std::unique_lock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [this] { return work_ == nullptr; });
  }

 private:
  void Loop() {
    // Signals are for the other threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return work_ != nullptr; });
      (*work_)();
      work_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
};

}  // namespace

void RunOnLastingThread(const std::function<void()>& work) {
  // Never destroyed: the thread uses it until the process is gone.
  static LastingThread* const thread = new LastingThread;
  thread->Run(work);
}

}  // namespace cofre::io
