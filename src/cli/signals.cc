#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include "base/error.h"
#include "cli/exit_code.h"

namespace cofre::cli {
namespace {

// What a signal handler may touch.
std::atomic<int> wake_pipe{-1};
std::atomic<int> hangup_pipe{-1};
std::atomic<bool> asked_once{false};

void OnStop(int) {
  const int saved = errno;
  if (asked_once.exchange(true)) _exit(kExitCancelled);
  const char byte = 's';
  // A full pipe has been written to already.
  [[maybe_unused]] const ssize_t written = write(wake_pipe, &byte, 1);
  errno = saved;
}

// A handler rather than SIG_IGN: exec resets handlers in the programs that we start.
void OnIgnored(int) {}

void OnHangup(int) {
  const int saved = errno;
  const char byte = 'h';
  // A full pipe says it already.
  [[maybe_unused]] const ssize_t written = write(hangup_pipe, &byte, 1);
  errno = saved;
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  if (sigaction(signal, &action, nullptr) != 0) throw SystemError(errno, "cannot handle signals");
}

}  // namespace

std::stop_token InstallSignals() {
  // Lives as long as the process: handlers and the thread below may run until its last moment.
  static std::stop_source source;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError(errno, "cannot make a pipe");
  wake_pipe = ends[1];
  std::thread([reading = ends[0]] {
    char byte = 0;
    while (read(reading, &byte, 1) < 0 && errno == EINTR) {
    }
    source.request_stop();
  }).detach();
  Handle(SIGINT, OnStop);
  Handle(SIGTERM, OnStop);
  Handle(SIGHUP, OnIgnored);
  Handle(SIGPIPE, OnIgnored);
  return source.get_token();
}

int InstallHangup() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw SystemError(errno, "cannot make a pipe");
  hangup_pipe = ends[1];
  Handle(SIGHUP, OnHangup);
  return ends[0];
}

}  // namespace cofre::cli
