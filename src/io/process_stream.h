#pragma once

// A program's output as a source, and its input as a sink, that succeed only where the program did.

#include <functional>
#include <memory>

#include "base/stream.h"
#include "io/child_process.h"

namespace cofre::io {

// What passed through the stream, for the judge.
struct StreamFacts {
  uint64_t bytes = 0;
  Bytes head;            // the first 64 bytes, or less
  bool complete = true;  // sinks: the program took everything
};

// Called once, after the program has ended; throws Error where that was no success.
using Judge = std::function<void(const ProcessEnd&, const StreamFacts&)>;

// The program's standard output. It ends in success only after the program has ended and the judge has agreed.
class ProcessSource : public ByteSource {
 public:
  ProcessSource(std::unique_ptr<ChildProcess> process, Judge judge);
  size_t Read(MutableBytes buffer) override;

 private:
  std::unique_ptr<ChildProcess> process_;  // empty once it has ended or failed
  Judge judge_;
  StreamFacts facts_;
};

// The program's standard input. Where the program ends early, Write throws what the judge makes of it.
class ProcessSink : public ByteSink {
 public:
  ProcessSink(std::unique_ptr<ChildProcess> process, Judge judge);
  void Write(ByteView data) override;
  void Finish() override;

 private:
  std::unique_ptr<ChildProcess> process_;  // empty once it has ended or failed
  Judge judge_;
  StreamFacts facts_;
};

}  // namespace cofre::io
