#pragma once

// A TCP client that sends what a test wants, proper HTTP or not.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace cofre::test {

class RawClient {
 public:
  // To this machine.
  explicit RawClient(uint16_t port);

  // False where the other side has closed.
  bool Send(std::string_view text) const;
  // What comes until the other side closes, or nothing comes for `seconds`.
  std::string ReadAll(int seconds = 10);
  // Until that has come, or as above; what was read before counts.
  std::string ReadUntil(std::string_view text, int seconds = 10);
  void StopSending() const;

 private:
  bool ReadSome(int seconds);

  FileDescriptor socket_;
  std::string read_;
};

// "GET /x HTTP/1.1", with Host and Connection: close, and the headers (each with its line end).
std::string GetRequest(const std::string& target, const std::string& headers = "");

// One request on a connection of its own, and all of its answer.
std::string Exchange(uint16_t port, const std::string& request);

// 404 of "HTTP/1.1 404 Not Found..."; 0 where it is no answer.
int StatusOf(const std::string& answer);
// Behind the headers.
std::string BodyOf(const std::string& answer);

}  // namespace cofre::test
