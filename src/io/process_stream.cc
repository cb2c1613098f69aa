#include "io/process_stream.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace cofre::io {
namespace {

constexpr size_t kHeadBytes = 64;

void Note(StreamFacts& facts, ByteView data) {
  facts.bytes += data.size();
  const size_t more = std::min(data.size(), kHeadBytes - facts.head.size());
  facts.head.insert(facts.head.end(), data.begin(), data.begin() + static_cast<ptrdiff_t>(more));
}

std::unique_ptr<ChildProcess> Take(std::unique_ptr<ChildProcess>& process) {
  if (process == nullptr) throw Error(ErrorKind::kPermanent, "the program's stream has ended already");
  return std::move(process);
}

}  // namespace

ProcessSource::ProcessSource(std::unique_ptr<ChildProcess> process, Judge judge)
    : process_(std::move(process)), judge_(std::move(judge)) {}

size_t ProcessSource::Read(MutableBytes buffer) {
  // Put back only where all went well: nothing can be read after an error.
  std::unique_ptr<ChildProcess> process = Take(process_);
  const size_t got = process->Read(buffer);
  Note(facts_, buffer.first(got));
  if (got == 0) {
    judge_(process->Wait(), facts_);
  } else {
    process_ = std::move(process);
  }
  return got;
}

ProcessSink::ProcessSink(std::unique_ptr<ChildProcess> process, Judge judge)
    : process_(std::move(process)), judge_(std::move(judge)) {}

void ProcessSink::Write(ByteView data) {
  std::unique_ptr<ChildProcess> process = Take(process_);
  Note(facts_, data);
  if (process->Write(data)) {
    process_ = std::move(process);
    return;
  }
  facts_.complete = false;
  judge_(process->Wait(true), facts_);
  throw Error(ErrorKind::kCorrupt, process->name() + " ended well before it had taken everything");
}

void ProcessSink::Finish() {
  const std::unique_ptr<ChildProcess> process = Take(process_);
  process->CloseInput();
  judge_(process->Wait(true), facts_);
}

}  // namespace cofre::io
