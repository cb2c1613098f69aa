#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>

#include "base/error.h"

namespace cofre::test {

RawClient::RawClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw SystemError(errno, "cannot connect to port " + std::to_string(port));
  }
}

bool RawClient::Send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::ReadSome(int seconds) {
  pollfd watched{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (poll(&watched, 1, seconds * 1000) <= 0) return false;
  std::array<char, 4096> piece{};
  const ssize_t got = recv(socket_.get(), piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  read_.append(piece.data(), static_cast<size_t>(got));
  return true;
}

std::string RawClient::ReadAll(int seconds) {
  while (ReadSome(seconds)) {
  }
  return read_;
}

std::string RawClient::ReadUntil(std::string_view text, int seconds) {
  while (read_.find(text) == std::string::npos && ReadSome(seconds)) {
  }
  return read_;
}

void RawClient::StopSending() const { shutdown(socket_.get(), SHUT_WR); }

std::string GetRequest(const std::string& target, const std::string& headers) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n";
}

std::string Exchange(uint16_t port, const std::string& request) {
  RawClient client(port);
  client.Send(request);
  return client.ReadAll();
}

int StatusOf(const std::string& answer) { return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0; }

std::string BodyOf(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace cofre::test
