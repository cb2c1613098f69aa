#include "io/child_process.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

namespace cofre::io {
namespace {

constexpr std::chrono::milliseconds kGrace{1000};  // between SIGTERM and SIGKILL

// Keeps a write to a pipe that nobody reads from ending this process: SIGPIPE is blocked, and taken where it was
// raised.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    pending_before_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &broken_pipe_, &before_);
  }
  ~NoBrokenPipe() {
    const timespec now{};
    if (!pending_before_) sigtimedwait(&broken_pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t broken_pipe_;
  sigset_t before_;
  bool pending_before_;
};

int Milliseconds(Duration duration) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<int64_t>(rounded, 0, 60'000));
}

int64_t Seconds(Duration duration) { return std::chrono::round<std::chrono::seconds>(duration).count(); }

bool WaitForEnd(const FileDescriptor& process, Duration patience) {
  pollfd entry{process.get(), POLLIN, 0};
  return poll(&entry, 1, Milliseconds(patience)) > 0;
}

}  // namespace

std::string ProcessEnd::Describe() const {
  if (signal != 0) return fmt::format("ended by signal {} ({})", signal, strsignal(signal));
  return fmt::format("exit status {}", exit_status);
}

ChildProcess::ChildProcess(const Command& command, Input input, ProcessLimits limits, Clock& clock,
                           std::stop_token stop)
    : name_(command.Name()),
      limits_(limits),
      clock_(clock),
      stop_(std::move(stop)),
      deadline_(clock.Monotonic() + limits.total),
      last_turn_(clock.Monotonic()),
      last_activity_(last_turn_) {
  if (stop_.requested()) throw Error(ErrorKind::kCancelled, "cancelled before " + name_ + " was started");
  spawned_ = Spawn(command, input);
}

ChildProcess::~ChildProcess() { Kill(); }

class ChildProcess::Turn {
 public:
  explicit Turn(ChildProcess& process) : process_(process) {
    process.deadline_ += process.clock_.Monotonic() - process.last_turn_;
  }
  ~Turn() { process_.last_turn_ = process_.clock_.Monotonic(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ChildProcess& process_;
};

size_t ChildProcess::Read(MutableBytes buffer) {
  const Turn turn(*this);
  size_t filled = 0;
  while (spawned_.output.valid()) {
    const ssize_t got = read(spawned_.output.get(), buffer.data() + filled, buffer.size() - filled);
    if (got > 0) {
      filled += static_cast<size_t>(got);
      if (filled == buffer.size()) break;
    } else if (got == 0) {
      spawned_.output.Close();
    } else if (errno == EAGAIN) {
      if (filled != 0) break;
      Await(Interest::kOutput, true);
    } else if (errno != EINTR) {
      Fail(SystemError(errno, "cannot read from " + name_));
    }
  }
  if (stop_.requested()) Fail(Error(ErrorKind::kCancelled, "cancelled while " + name_ + " was running"));
  CheckLimits(clock_.Monotonic(), false);
  return filled;
}

bool ChildProcess::Write(ByteView data) {
  const Turn turn(*this);
  while (!data.empty()) {
    if (!spawned_.input.valid()) return false;
    ssize_t written = 0;
    int error = 0;
    {
      const NoBrokenPipe guard;
      written = write(spawned_.input.get(), data.data(), data.size());
      error = errno;
    }
    if (written >= 0) {
      data = data.subspan(static_cast<size_t>(written));
    } else if (error == EAGAIN) {
      Await(Interest::kInput, true);
    } else if (error == EPIPE) {
      CloseInput();
    } else if (error != EINTR) {
      Fail(SystemError(error, "cannot write to " + name_));
    }
  }
  if (stop_.requested()) Fail(Error(ErrorKind::kCancelled, "cancelled while " + name_ + " was running"));
  CheckLimits(clock_.Monotonic(), false);
  return true;
}

void ChildProcess::CloseInput() { spawned_.input.Close(); }

ProcessEnd ChildProcess::Wait(bool works_in_silence) {
  const Turn turn(*this);
  if (reaped_) throw Error(ErrorKind::kPermanent, name_ + " has been waited for already");
  Await(Interest::kEnd, !works_in_silence);
  // A grandchild may hold the pipes open for ever: take what is there, and no more.
  Drain(spawned_.output, output_);
  Drain(spawned_.errors, errors_);
  return Reap();
}

void ChildProcess::Await(Interest interest, bool may_stall) {
  last_activity_ = clock_.Monotonic();
  for (;;) {
    std::array<pollfd, 5> entries{};
    entries[0] = {stop_.descriptor(), POLLIN, 0};
    // A negative descriptor is left out by poll.
    entries[1] = {spawned_.errors.get(), POLLIN, 0};
    entries[2] = {spawned_.output.get(), POLLIN, 0};
    entries[3] = {interest == Interest::kInput ? spawned_.input.get() : -1, POLLOUT, 0};
    entries[4] = {interest == Interest::kEnd ? spawned_.process.get() : -1, POLLIN, 0};
    const int ready = poll(entries.data(), entries.size(), Timeout(clock_.Monotonic(), may_stall));
    if (ready < 0 && errno != EINTR) Fail(SystemError(errno, "cannot wait for " + name_));
    if (stop_.requested()) Fail(Error(ErrorKind::kCancelled, "cancelled while " + name_ + " was running"));

    const Duration now = clock_.Monotonic();
    if (ready > 0) {
      bool active = entries[1].revents != 0 && Drain(spawned_.errors, errors_);
      if (interest == Interest::kOutput && entries[2].revents != 0) return;
      if (interest != Interest::kOutput && entries[2].revents != 0) active |= Drain(spawned_.output, output_);
      if (entries[3].revents != 0 || entries[4].revents != 0) return;
      if (active) last_activity_ = now;
    }
    CheckLimits(now, may_stall);
  }
}

void ChildProcess::CheckLimits(Duration now, bool may_stall) {
  if (now >= deadline_) {
    Fail(Error(ErrorKind::kPermanent,
               fmt::format("{} ran longer than {} s and was ended", name_, Seconds(limits_.total)),
               "raise the time limit if it needs that long"));
  }
  if (may_stall && now - last_activity_ >= limits_.stall) {
    Fail(Error(ErrorKind::kTransient,
               fmt::format("{} stalled: not a byte for {} s; it was ended", name_, Seconds(limits_.stall)),
               "look whether the server answers and the network is up"));
  }
}

int ChildProcess::Timeout(Duration now, bool may_stall) const {
  Duration left = deadline_ - now;
  if (may_stall) left = std::min(left, last_activity_ + limits_.stall - now);
  return Milliseconds(left);
}

bool ChildProcess::Drain(FileDescriptor& descriptor, BoundedText& into) {
  bool something = false;
  char block[16 * 1024];
  while (descriptor.valid()) {
    const ssize_t got = read(descriptor.get(), block, sizeof block);
    if (got > 0) {
      into.Append({block, static_cast<size_t>(got)});
      something = true;
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      descriptor.Close();
    } else if (errno == EAGAIN) {
      break;
    }
  }
  return something;
}

void ChildProcess::Fail(const Error& error) {
  Kill();
  throw error;
}

void ChildProcess::Kill() {
  if (reaped_ || spawned_.pid <= 0) return;
  // The process group's number stays ours until the leader has been waited for.
  kill(-spawned_.pid, SIGTERM);
  spawned_.input.Close();
  spawned_.output.Close();
  WaitForEnd(spawned_.process, kGrace);
  Reap();
}

ProcessEnd ChildProcess::Reap() {
  kill(-spawned_.pid, SIGKILL);  // the leader if it still runs, and what it has left behind in its group
  int status = 0;
  while (waitpid(spawned_.pid, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  ProcessEnd end;
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
  } else {
    end.exit_status = WEXITSTATUS(status);
  }
  end.output = output_.Text();
  end.errors = errors_.Text();
  return end;
}

ProcessEnd RunProgram(const Command& command, std::string_view input, ProcessLimits limits, Clock& clock,
                      std::stop_token stop) {
  ChildProcess process(command, Input::kPipe, limits, clock, std::move(stop));
  process.Write(AsBytes(input));
  process.CloseInput();
  return process.Wait();
}

}  // namespace cofre::io
