#pragma once

// What an S3 server's refusal means: which kind of Error it is, and what to do about it.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/s3/s3_xml.h"

namespace cofre::storage::s3 {

struct Refusal {
  int status = 0;
  S3ErrorBody body;
  std::string bucket_region;  // of the header x-amz-bucket-region, or ""
  std::optional<std::chrono::milliseconds> retry_after;
};

// An answer other than success, as an Error that still knows status and code.
class Refused : public Error {
 public:
  Refused(const Error& error, const Refusal& refusal)
      : Error(error), status_(refusal.status), code_(refusal.body.code) {}

  int status() const { return status_; }
  const std::string& code() const { return code_; }

 private:
  int status_;
  std::string code_;
};

// `what` says what was tried, with bucket, key and host: "cannot read data/ab from bucket b at https://host". The
// message adds status, code and the server's words (for which see below).
//   transient   408, 429, 499, 5xx but 501 and 505, and the codes that say "slow down", "time-out", "sent wrongly"
//   auth        the keys, their rights, a clock too far off, a wrong region
//   not_found   NoSuchKey, and 404 without a code
//   permanent   NoSuchBucket (so that it cannot be taken for a missing object) and all else
Refused ToError(std::string_view what, const Refusal& refusal);

// Whether a code in an answer of status 200 (one of many deletions, a completed upload) is worth a retry.
bool IsTransientCode(std::string_view code);

// The server's words in one printable line of bounded length: they go to logs and terminals.
std::string OneLine(std::string_view text);

}  // namespace cofre::storage::s3
