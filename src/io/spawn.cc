#include "io/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "io/lasting_thread.h"

namespace cofre::io {
namespace {

// Room for a while of gbak's output, so that the two processes wake each other less often. The kernel's default limit
// for unprivileged users.
constexpr int kPipeBytes = 1 << 20;

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

// Descriptors 0 to 2 may be free in this process; one of those would be overwritten while the child sorts its own.
FileDescriptor AboveStandard(int descriptor) {
  FileDescriptor given(descriptor);
  if (descriptor > 2) return given;
  FileDescriptor moved(fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
  if (!moved.valid()) throw SystemError(errno, "cannot copy a descriptor");
  return moved;
}

Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError(errno, "cannot make a pipe");
  FileDescriptor write_end(ends[1]);
  Pipe pipe;
  pipe.read_end = AboveStandard(ends[0]);
  pipe.write_end = AboveStandard(write_end.Release());
  return pipe;
}

void MakeNonBlocking(const FileDescriptor& descriptor) {
  if (fcntl(descriptor.get(), F_SETFL, O_NONBLOCK) != 0) throw SystemError(errno, "cannot set up a pipe");
}

// The pointers that execve wants, into text that lives here.
class ExecuteArguments {
 public:
  explicit ExecuteArguments(const Command& command) {
    for (const std::string& argument : command.arguments) argv_.push_back(const_cast<char*>(argument.c_str()));
    argv_.push_back(nullptr);
    texts_.reserve(command.environment.size());
    for (const auto& [name, value] : command.environment) {
      std::string text;
      text.reserve(name.size() + value.Reveal().size() + 2);
      text.append(name).append("=").append(value.Reveal());
      texts_.emplace_back(std::move(text));
      envp_.push_back(const_cast<char*>(texts_.back().Reveal().c_str()));
    }
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (!Replaced(command, *variable)) envp_.push_back(*variable);
    }
    envp_.push_back(nullptr);
  }

  char* const* argv() const { return argv_.data(); }
  char* const* envp() const { return envp_.data(); }

 private:
  static bool Replaced(const Command& command, std::string_view variable) {
    for (const auto& [name, value] : command.environment) {
      if (variable.starts_with(name) && variable.substr(name.size()).starts_with('=')) return true;
    }
    return false;
  }

  std::vector<Secret> texts_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

// What the child needs between fork and exec, where nothing may be allocated.
struct ChildPlan {
  const char* path;
  char* const* argv;
  char* const* envp;
  int input;
  int output;
  int errors;
  int report;  // gets errno where exec fails
  pid_t parent;
};

// Runs in the parent's memory, with its other threads running: only async-signal-safe calls, and nothing is changed.
[[noreturn]] void BecomeProgram(const ChildPlan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);  // it died before the line above
  dup2(plan.input, STDIN_FILENO);
  dup2(plan.output, STDOUT_FILENO);
  dup2(plan.errors, STDERR_FILENO);
  // A library may have opened a descriptor without O_CLOEXEC.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);  // an ignored SIGPIPE would be inherited
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.path, plan.argv, plan.envp);
  const int error = errno;
  // Nothing can be done about a failure: the parent reads an end of file and takes it for a success, then sees 127.
  [[maybe_unused]] const ssize_t ignored = write(plan.report, &error, sizeof error);
  _exit(127);
}

// glibc 2.36 declares pidfd_open without extern "C".
FileDescriptor OpenProcess(pid_t pid) { return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

bool IsExecutable(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

Error CannotExecute(const std::string& path, int error) {
  return {ErrorKind::kPermanent, SystemError(error, "cannot execute " + path).what(), "check that it is a program"};
}

// Waits for the child's report on exec: an empty one is success.
void RequireExecuted(const FileDescriptor& report, pid_t pid, const std::string& path) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(report.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof error) return;
  waitpid(pid, nullptr, 0);
  throw CannotExecute(path, error);
}

}  // namespace

std::string Command::Name() const {
  return arguments.empty() ? "" : arguments.front().substr(arguments.front().rfind('/') + 1);
}

std::string FindProgram(const std::string& name) {
  static constexpr const char* kHint = "install it, or set its path in the configuration";
  if (name.find('/') != std::string::npos) {
    if (IsExecutable(name)) return name;
    throw Error(ErrorKind::kPermanent, "there is no program " + name, kHint);
  }
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!name.empty() && !folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    std::string path = std::string(folders.substr(0, end)) + "/" + name;
    if (end != 0 && IsExecutable(path)) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  throw Error(ErrorKind::kPermanent, "the program " + name + " is not in PATH", kHint);
}

Spawned Spawn(const Command& command, Input input) {
  if (command.arguments.empty()) throw Error(ErrorKind::kUsage, "an empty command");
  const std::string path = FindProgram(command.arguments.front());
  const ExecuteArguments arguments(command);

  Pipe in;
  if (input == Input::kPipe) {
    in = MakePipe();
  } else {
    in.read_end = AboveStandard(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  Pipe out = MakePipe();
  Pipe err = MakePipe();
  Pipe report = MakePipe();
  fcntl(out.write_end.get(), F_SETPIPE_SZ, kPipeBytes);
  if (input == Input::kPipe) fcntl(in.write_end.get(), F_SETPIPE_SZ, kPipeBytes);

  const ChildPlan plan{path.c_str(),        arguments.argv(),    arguments.envp(),       in.read_end.get(),
                       out.write_end.get(), err.write_end.get(), report.write_end.get(), getpid()};
  Spawned spawned;
  int error = 0;
  // PR_SET_PDEATHSIG looks at the thread that forked, not at the process: fork where the thread never ends.
  RunOnLastingThread([&] {
    // vfork: copying the page tables of a process of 100 MiB costs 4 ms, a program start without it 1 ms. The lasting
    // thread blocks all signals, so no handler runs in the memory that the child borrows.
    spawned.pid = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (spawned.pid == 0) BecomeProgram(plan);
    error = errno;
  });
  if (spawned.pid < 0) throw SystemError(error, "cannot start " + command.Name());
  setpgid(spawned.pid, spawned.pid);  // whoever comes first, parent or child
  report.write_end.Close();
  RequireExecuted(report.read_end, spawned.pid, path);

  spawned.process = OpenProcess(spawned.pid);
  spawned.input = std::move(in.write_end);
  spawned.output = std::move(out.read_end);
  spawned.errors = std::move(err.read_end);
  if (!spawned.process.valid()) {
    error = errno;
    kill(-spawned.pid, SIGKILL);
    waitpid(spawned.pid, nullptr, 0);
    throw SystemError(error, "cannot watch " + command.Name());
  }
  if (spawned.input.valid()) MakeNonBlocking(spawned.input);
  MakeNonBlocking(spawned.output);
  MakeNonBlocking(spawned.errors);
  return spawned;
}

}  // namespace cofre::io
