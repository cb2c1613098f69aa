#pragma once

// Starting a program from an argument list, without a shell. Below io/child_process.h, which most callers want.

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/secret.h"

namespace cofre::io {

struct Command {
  std::vector<std::string> arguments;  // the program first, looked for in PATH where it has no '/'
  // Added to what this process has in its own environment, or in place of it. It may carry passwords, which the
  // arguments may not: every user of the machine can read those.
  std::vector<std::pair<std::string, Secret>> environment = {};

  // The program's name without its folder, for messages.
  std::string Name() const;
};

enum class Input { kNone, kPipe };  // kNone: the program reads from /dev/null

struct Spawned {
  pid_t pid = -1;          // also its process group; the caller has to wait for it
  FileDescriptor process;  // a pidfd: readable once the process has ended
  FileDescriptor input;    // invalid for Input::kNone
  FileDescriptor output;
  FileDescriptor errors;
};

// Our ends of the pipes do not block and are closed on exec. The program gets default signal dispositions, an empty
// signal mask, a process group of its own and no descriptors but its three; the kernel kills it (SIGKILL) when this
// process dies, however it dies. Throws kind permanent where the program is missing or cannot be executed. Thread-safe.
Spawned Spawn(const Command& command, Input input);

// The file that Spawn would execute; throws as Spawn does.
std::string FindProgram(const std::string& name);

}  // namespace cofre::io
