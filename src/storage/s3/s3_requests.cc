#include "storage/s3/s3_requests.h"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "base/error.h"
#include "storage/s3/s3_errors.h"
#include "storage/s3/s3_xml.h"

namespace cofre::storage::s3 {
namespace {

constexpr int64_t kNoSkew = std::numeric_limits<int64_t>::min();
constexpr size_t kRootWithin = 512;  // the root element of an answer begins in its first bytes

std::string HeaderOr(const io::HttpResponse& response, std::string_view name) {
  const std::string* const value = response.Header(name);
  return value != nullptr ? *value : "";
}

bool MayBeError(std::string_view xml) { return xml.substr(0, kRootWithin).find("Error") != std::string_view::npos; }

}  // namespace

Requests::Requests(Endpoint endpoint, Credentials credentials, const std::string& region, const io::HttpOptions& http,
                   Clock& clock)
    : endpoint_(std::move(endpoint)),
      request_host_(endpoint_.path_style ? endpoint_.host : endpoint_.bucket + "." + endpoint_.host),
      signer_(std::move(credentials), region),
      clock_(clock),
      http_(http),
      skew_seconds_(kNoSkew) {}

std::string Requests::Describe(const Call& call) const {
  const std::string object = call.key.empty() ? "" : call.key + " in ";
  return fmt::format("{} {}bucket {} at {}", call.verb, object, endpoint_.bucket, endpoint_.Url());
}

io::HttpRequest Requests::Signed(const Call& call) const {
  const Digest sha256 = call.sha256 ? *call.sha256 : Sha256(call.body);
  SignableRequest signable{.method = call.method,
                           .path = '/' + UriEncode(call.key, true),
                           .query = CanonicalQuery(call.query),
                           .headers = call.headers,
                           .payload_hash = sha256.Hex()};
  if (endpoint_.path_style) {
    const std::string below = call.key.empty() ? "" : signable.path;
    signable.path = '/' + UriEncode(endpoint_.bucket, false) + below;
  }
  if (call.method == "PUT" || call.method == "POST") {
    signable.headers.push_back({.name = "Content-MD5", .value = Base64Encode(Md5(call.body))});
    signable.headers.push_back({.name = "Content-Type", .value = "application/octet-stream"});
  }
  io::HttpRequest request{.method = call.method,
                          .url = (endpoint_.tls ? "https://" : "http://") + request_host_ + signable.path,
                          .headers = {},
                          .body = call.body,
                          .response_limit = call.response_limit};
  if (!signable.query.empty()) request.url += '?' + signable.query;
  request.headers = signer_.Sign(std::move(signable), request_host_, clock_.Now());
  return request;
}

io::HttpResponse Requests::Send(const Call& call, const std::stop_token& stop) {
  io::HttpResponse response;
  try {
    response = http_.Send(Signed(call), stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) throw;
    throw error.In(Describe(call));
  }
  NoteClock(response);
  if (response.status / 100 == 2) return response;

  Refusal refusal{.status = response.status,
                  .body = ParseError(AsText(response.body)),
                  .bucket_region = HeaderOr(response, "x-amz-bucket-region")};
  if (const std::string* const pause = response.Header("retry-after")) {
    refusal.retry_after = io::ParseRetryAfter(*pause, clock_.Now());
  }
  throw ToError(Describe(call), refusal);
}

std::string Requests::SendForXml(const Call& call, const std::stop_token& stop) {
  const io::HttpResponse response = Send(call, stop);
  std::string xml(AsText(response.body));
  if (xml.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw Error(ErrorKind::kTransient, fmt::format("{}: {} with an empty answer", Describe(call), response.status));
  }
  if (MayBeError(xml)) {
    const S3ErrorBody body = ParseError(xml);
    if (!body.code.empty()) throw ToError(Describe(call), {.status = response.status, .body = body});
  }
  return xml;
}

void Requests::NoteClock(const io::HttpResponse& response) {
  const auto date = io::ParseHttpDate(HeaderOr(response, "date"));
  if (date) skew_seconds_ = std::chrono::duration_cast<std::chrono::seconds>(*date - clock_.Now()).count();
}

std::optional<std::chrono::seconds> Requests::ClockSkew() const {
  const int64_t seconds = skew_seconds_;
  if (seconds == kNoSkew) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace cofre::storage::s3
