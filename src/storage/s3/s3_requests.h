#pragma once

// Signed requests to one bucket, and what their answers mean.

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/digest.h"
#include "io/http_client.h"
#include "storage/s3/sigv4.h"

namespace cofre::storage::s3 {

struct Endpoint {
  bool tls = true;
  std::string host;  // with the port where it is not the scheme's own
  std::string bucket;
  bool path_style = true;

  std::string Url() const { return (tls ? "https://" : "http://") + host; }
};

struct Call {
  std::string verb;    // for messages: "cannot read"
  std::string method;  // "GET"
  std::string key;     // whole, not encoded; "" for the bucket itself
  QueryParameters query;
  std::vector<io::HttpHeader> headers;  // signed, too
  ByteView body;                        // Content-MD5 is added where it is sent (PUT, POST)
  std::optional<Digest> sha256;         // of the body, where it is known already
  uint64_t response_limit = uint64_t{64} * 1024;
};

// Thread-safe.
class Requests {
 public:
  // `clock` is not owned.
  Requests(Endpoint endpoint, Credentials credentials, const std::string& region, const io::HttpOptions& http,
           Clock& clock);

  // The server's answer of status 2xx; everything else is thrown, see s3_errors.h and http_client.h.
  io::HttpResponse Send(const Call& call, const std::stop_token& stop);

  // The same where the answer is XML. Throws what an <Error> in an answer of status 200 says, transient for an empty
  // one.
  std::string SendForXml(const Call& call, const std::stop_token& stop);

  // "cannot read KEY in bucket BUCKET at URL"
  std::string Describe(const Call& call) const;

  // How far the server's clock was ahead of ours in its last answer; nullopt before the first.
  std::optional<std::chrono::seconds> ClockSkew() const;

 private:
  io::HttpRequest Signed(const Call& call) const;
  void NoteClock(const io::HttpResponse& response);

  Endpoint endpoint_;
  std::string request_host_;  // with the bucket before it, unless it is in the path
  Signer signer_;
  Clock& clock_;
  io::HttpClient http_;
  std::atomic<int64_t> skew_seconds_;
};

}  // namespace cofre::storage::s3
