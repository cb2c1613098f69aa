#pragma once

// How a command tells a running service that there is something to do: a datagram to a socket in the state folder. A
// lost one costs a few seconds, after which the service looks by itself.

#include <string>

#include "base/file.h"

namespace cofre::service {

class WakeSocket {
 public:
  // Takes the place of one that another process has left. Throws what the system says.
  explicit WakeSocket(const std::string& state_directory);
  ~WakeSocket();
  WakeSocket(const WakeSocket&) = delete;
  WakeSocket& operator=(const WakeSocket&) = delete;

  // Readable when somebody has called, a byte a call; doesn't block.
  int descriptor() const { return socket_.get(); }

 private:
  std::string path_;
  FileDescriptor socket_;
};

// False where nobody listens.
bool Wake(const std::string& state_directory);

}  // namespace cofre::service
