#pragma once

// A stop_token that poll(2) can wait for.

#include <stop_token>

#include "base/file.h"

namespace cofre::io {

class StopEvent {
 public:
  explicit StopEvent(std::stop_token stop);

  bool requested() const { return stop_.stop_requested(); }
  // Readable from the moment on when a stop has been requested.
  int descriptor() const { return event_.get(); }

 private:
  struct Signal {
    int descriptor;
    void operator()() const noexcept;
  };

  std::stop_token stop_;
  FileDescriptor event_;
  std::stop_callback<Signal> callback_;
};

}  // namespace cofre::io
