#pragma once

// HTTP/1.1 requests over libcurl, with connections that are kept open and used again. For stores and the like: bodies
// lie in memory, redirects are not followed, proxies and other settings of the environment are ignored.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace cofre::io {

class Bandwidth;

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;               // "GET", "HEAD", "PUT", "POST", "DELETE"
  std::string url;                  // encoded already: goes out byte by byte as it is
  std::vector<HttpHeader> headers;  // besides Host, Content-Length and User-Agent
  ByteView body;                    // of PUT and POST; not owned, not copied
  uint64_t response_limit = 0;      // bytes of the body of a 2xx answer
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  // Of an answer other than 2xx, at most the first 64 KiB.
  Bytes body;

  // The value of the header, whatever the case of its name; nullptr where there is none.
  const std::string* Header(std::string_view name) const;
};

struct HttpOptions {
  std::string ca_file;                       // PEM; empty: the system's authorities
  std::chrono::seconds connect_timeout{15};  // TLS included
  std::chrono::seconds stall_timeout{120};   // without a single byte in either direction
  std::chrono::seconds total_timeout{0};     // of one request, however busy it is; 0: none
  int max_connections = 16;                  // and so requests at once: further ones wait their turn
  // What bodies hold to, both ways; null: no limit. Time spent waiting for it is no stall.
  std::shared_ptr<Bandwidth> upload;
  std::shared_ptr<Bandwidth> download;
};

// Thread-safe. Destroy it after the last request has returned.
class HttpClient {
 public:
  explicit HttpClient(const HttpOptions& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Returns whatever status the server answered with. Throws transient (no connection, connection lost or silent, body
  // cut short), permanent (the server's certificate, the CA file), corrupt (body above the limit, headers above 64
  // KiB), cancelled at once when `stop` is requested. A request whose kept connection turned out dead is sent again by
  // itself.
  HttpResponse Send(const HttpRequest& request, const std::stop_token& stop);

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

// "Tue, 24 Nov 2026 08:19:23 GMT" and HTTP's older spellings.
std::optional<TimePoint> ParseHttpDate(const std::string& text);

// What a Retry-After header asks for: seconds, or a date seen from `now`. nullopt where it says nothing sensible.
std::optional<std::chrono::milliseconds> ParseRetryAfter(const std::string& text, TimePoint now);

}  // namespace cofre::io
