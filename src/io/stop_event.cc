#include "io/stop_event.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/error.h"

namespace cofre::io {
namespace {

FileDescriptor MakeEvent() {
  FileDescriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) throw SystemError(errno, "cannot make an event");
  return event;
}

}  // namespace

void StopEvent::Signal::operator()() const noexcept {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(descriptor, &one, sizeof one);
}

StopEvent::StopEvent(std::stop_token stop)
    : stop_(std::move(stop)), event_(MakeEvent()), callback_(stop_, Signal{event_.get()}) {}

}  // namespace cofre::io
