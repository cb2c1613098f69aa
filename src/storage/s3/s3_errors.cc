#include "storage/s3/s3_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace cofre::storage::s3 {
namespace {

constexpr size_t kMaxShown = 200;

// Bad digests and incomplete bodies are sums that came out wrong on the way: sending again mends them.
constexpr std::array<std::string_view, 20> kTransientCodes = {"RequestTimeout",
                                                              "SlowDown",
                                                              "SlowDownRead",
                                                              "SlowDownWrite",
                                                              "InternalError",
                                                              "ServiceUnavailable",
                                                              "Unavailable",
                                                              "Throttling",
                                                              "ThrottlingException",
                                                              "RequestThrottled",
                                                              "RequestThrottledException",
                                                              "RequestLimitExceeded",
                                                              "TooManyRequests",
                                                              "BandwidthLimitExceeded",
                                                              "RequestRateLimitExceeded",  // Wasabi, with status 403
                                                              "OperationAborted",
                                                              "ConditionalRequestConflict",
                                                              "IncompleteBody",
                                                              "BadDigest",
                                                              "XAmzContentSHA256Mismatch"};

struct Advice {
  std::string_view code;
  ErrorKind kind;
  const char* hint;
};

constexpr std::array<Advice, 15> kAdvice = {{
    {"AccessDenied", ErrorKind::kAuth,
     "the keys are known but not allowed to do this: grant them list, read, write and delete on the bucket"},
    {"AllAccessDisabled", ErrorKind::kAuth, "ask the storage provider why access to the bucket is disabled"},
    {"AccountProblem", ErrorKind::kAuth, "ask the storage provider what is wrong with the account"},
    {"InvalidAccessKeyId", ErrorKind::kAuth, "check the access key: the server does not know it"},
    {"SignatureDoesNotMatch", ErrorKind::kAuth, "check the secret key: it does not belong to the access key"},
    {"InvalidSecurity", ErrorKind::kAuth, "check access key and secret key"},
    {"ExpiredToken", ErrorKind::kAuth, "the session token has expired: get new credentials"},
    {"InvalidToken", ErrorKind::kAuth, "check the session token"},
    {"TokenRefreshRequired", ErrorKind::kAuth, "the session token has expired: get new credentials"},
    {"NoSuchBucket", ErrorKind::kPermanent, "check the bucket's name in the URL, or create the bucket"},
    {"InvalidBucketName", ErrorKind::kPermanent, "check the bucket's name in the URL"},
    {"NoSuchKey", ErrorKind::kNotFound, ""},
    {"QuotaExceeded", ErrorKind::kPermanent, "the account or bucket is full: raise its quota at the storage provider"},
    {"EntityTooLarge", ErrorKind::kPermanent, "the server takes no objects of this size"},
    {"NotImplemented", ErrorKind::kPermanent, "the server lacks a part of S3 that is needed"},
}};

bool IsTransientStatus(int status) {
  return status == 408 || status == 429 || status == 499 || (status >= 500 && status != 501 && status != 505);
}

Error ClockError(const std::string& message, const S3ErrorBody& body) {
  std::string times;
  if (!body.request_time.empty() && !body.server_time.empty()) {
    times = fmt::format(" (here {}, there {})", OneLine(body.request_time), OneLine(body.server_time));
  }
  return {ErrorKind::kAuth, message + times, "set this machine's clock: it and the server's differ too much" + times};
}

std::string RightRegion(const Refusal& refusal) {
  const std::string& named = refusal.body.region.empty() ? refusal.bucket_region : refusal.body.region;
  return OneLine(named);
}

Error Classify(std::string_view what, const Refusal& refusal) {
  const S3ErrorBody& body = refusal.body;
  std::string message = fmt::format("{}: {}", what, refusal.status);
  if (!body.code.empty()) message += ' ' + OneLine(body.code);
  if (!body.message.empty()) message += ": " + OneLine(body.message);

  if (body.code == "RequestTimeTooSkewed") return ClockError(message, body);
  if (IsTransientCode(body.code) || IsTransientStatus(refusal.status)) {
    Error error(ErrorKind::kTransient, message, "the server is busy or ill: try again later");
    if (refusal.retry_after) error.WithRetryAfter(*refusal.retry_after);
    return error;
  }
  const std::string region = RightRegion(refusal);
  const bool wrong_region = body.code == "AuthorizationHeaderMalformed" || body.code == "PermanentRedirect" ||
                            body.code == "IllegalLocationConstraintException" || refusal.status / 100 == 3;
  if (wrong_region && !region.empty()) {
    return {ErrorKind::kAuth, message, fmt::format("the bucket is in region {}: set the region to it", region)};
  }
  if (refusal.status / 100 == 3) {
    return {ErrorKind::kPermanent, message,
            "the bucket is served elsewhere: set region and host of the URL to its own"};
  }
  const auto* const advice = std::ranges::find(kAdvice, body.code, &Advice::code);
  if (advice != kAdvice.end()) return {advice->kind, message, advice->hint};
  if (refusal.status == 401 || refusal.status == 403 || body.code == "AuthorizationHeaderMalformed") {
    return {ErrorKind::kAuth, message, "check access key, secret key, region and the rights on the bucket"};
  }
  if (refusal.status == 404 && body.code.empty()) return {ErrorKind::kNotFound, message};
  return {ErrorKind::kPermanent, message};
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, kMaxShown));
  std::ranges::replace_if(
      line, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return line;
}

bool IsTransientCode(std::string_view code) {
  return std::ranges::find(kTransientCodes, code) != kTransientCodes.end();
}

Refused ToError(std::string_view what, const Refusal& refusal) { return {Classify(what, refusal), refusal}; }

}  // namespace cofre::storage::s3
