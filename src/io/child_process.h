#pragma once

// A running program: its bytes, its end, its limits. Whatever happens, nothing of it is left behind.

#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "io/bounded_text.h"
#include "io/spawn.h"
#include "io/stop_event.h"

namespace cofre::io {

struct ProcessLimits {
  Duration stall;  // neither giving nor taking a byte while we wait for it
  Duration total;  // of the time that we spend with it: what its reader or writer takes elsewhere does not count
};

// How a program ended and what it said.
struct ProcessEnd {
  int exit_status = -1;  // -1: a signal ended it
  int signal = 0;
  std::string output;  // standard output, where nobody read it: the first and last 64 KiB
  std::string errors;  // standard error, likewise

  bool ok() const { return exit_status == 0; }
  // "exit status 1", "ended by signal 9 (Killed)".
  std::string Describe() const;
};

// Used by one thread at a time. Waiting takes no processor time and is ended at once by `stop`.
// Errors of Read, Write and Wait: transient when the program stalled, permanent when it ran longer than its total
// limit, cancelled on a stop; the program has been killed then, and nothing but the destructor may follow.
class ChildProcess {
 public:
  // Starts it (see io/spawn.h for the errors). `clock` outlives it.
  ChildProcess(const Command& command, Input input, ProcessLimits limits, Clock& clock, std::stop_token stop);
  // Ends the program and all that it started in its process group: SIGTERM, a second later SIGKILL.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Blocks for at least one byte of standard output and takes what else is there; 0 when the program has closed it.
  size_t Read(MutableBytes buffer);

  // Gives everything to standard input. False when the program has closed it: some bytes were not taken. Meanwhile
  // standard output is kept for ProcessEnd.
  bool Write(ByteView data);
  void CloseInput();

  // Waits for the end; what the program still writes is kept for ProcessEnd. One that works on in silence after its
  // input has ended (gbak makes indexes) does not stall: then only the total limit counts. Call once.
  ProcessEnd Wait(bool works_in_silence = false);

  pid_t pid() const { return spawned_.pid; }
  const std::string& name() const { return name_; }

 private:
  enum class Interest { kOutput, kInput, kEnd };

  // The time of a call counts against the total limit, and that between two calls does not.
  class Turn;

  // Blocks until the interest can be served; keeps what comes on the other descriptors meanwhile.
  void Await(Interest interest, bool may_stall);
  void CheckLimits(Duration now, bool may_stall);
  int Timeout(Duration now, bool may_stall) const;
  // Takes what is there without blocking. True when there was something.
  bool Drain(FileDescriptor& descriptor, BoundedText& into);
  [[noreturn]] void Fail(const Error& error);
  void Kill();
  ProcessEnd Reap();

  std::string name_;
  ProcessLimits limits_;
  Clock& clock_;
  StopEvent stop_;
  Duration deadline_;   // moved on by what passes between two calls
  Duration last_turn_;  // when a call last ended
  Duration last_activity_;
  bool reaped_ = false;
  BoundedText output_;
  BoundedText errors_;
  Spawned spawned_;
};

// Runs a program that says little: gives it `input`, waits for its end.
ProcessEnd RunProgram(const Command& command, std::string_view input, ProcessLimits limits, Clock& clock,
                      std::stop_token stop);

}  // namespace cofre::io
