#pragma once

// An HTTP/1.1 server of bounded means. One thread carries all connections, so that a slow one costs a few kilobytes
// and no thread; whole requests go to a small pool that answers them (docs/decisions/0120). Knows no routes.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/message.h"

namespace cofre::api {

struct ServerOptions {
  std::string listen;       // "127.0.0.1:9188", "[::1]:9188"; port 0: any free one
  std::string certificate;  // PEM files, both or neither; with them only TLS (1.2 and later) is spoken
  std::string private_key;
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-For is believed, as in "127.0.0.1"

  size_t threads = 4;         // requests answered at once
  size_t waiting = 256;       // requests that may wait for those; more are answered 503 at once
  size_t connections = 1024;  // at once; more are closed
  size_t connections_per_address = 512;
  size_t header_bytes = 16 << 10;  // of a request; more is 431
  size_t body_bytes = 1 << 20;     // of a request; more is 413
  // How long a request may take to arrive, counted from the end of the one before, so also how long a connection may be
  // idle; and how long a client may take to read an answer, or any piece of a stream.
  std::chrono::milliseconds request_time{30'000};
  std::chrono::milliseconds answer_time{60'000};
  // A stream that is silent for so long gets a comment, by which both ends find out that the other one is gone.
  std::chrono::milliseconds heartbeat{20'000};
};

// Called from several threads at once. Must throw nothing.
using Answer = std::function<Response(const Request&)>;

class HttpServer {
 public:
  // Listens at once. Throws usage for an address that is none or files that are no certificate and key, permanent where
  // the port is taken.
  HttpServer(const ServerOptions& options, Answer answer);
  // Breaks off what is under way; waits for answers that are being made.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "127.0.0.1:9188" -> host and port. Throws usage: the host must be an address, not a name.
struct ListenAddress {
  std::string host;
  uint16_t port = 0;
};
ListenAddress ParseListenAddress(const std::string& text);

}  // namespace cofre::api
