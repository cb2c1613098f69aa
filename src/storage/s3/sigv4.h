#pragma once

// AWS Signature Version 4, as S3 wants it: paths are encoded once and never normalized.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/secret.h"
#include "io/http_client.h"

namespace cofre::storage::s3 {

struct Credentials {
  std::string access_key;
  Secret secret_key;
  Secret session_token;  // empty for long-lived keys
};

// Names and values as they are meant, not encoded. A name may come several times; a value may be empty.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// Percent-encodes all but A-Z a-z 0-9 - . _ ~ and, where `keep_slash`, '/'.
std::string UriEncode(std::string_view text, bool keep_slash);

// Encoded, sorted by name and then by value, "name=" where the value is empty. This very text goes over the wire, too.
std::string CanonicalQuery(const QueryParameters& parameters);

// What is signed, all of it as it is sent.
struct SignableRequest {
  std::string method;
  std::string path;                     // encoded, begins with '/'
  std::string query;                    // CanonicalQuery
  std::vector<io::HttpHeader> headers;  // to be signed: all of them, in any order
  std::string payload_hash;             // SHA-256 of the body in hexadecimal
};

std::string CanonicalRequest(const SignableRequest& request);
// "host;x-amz-date;...": the names in lower case, sorted.
std::string SignedHeaders(const SignableRequest& request);

// Signs requests of one account in one region. Thread-safe.
class Signer {
 public:
  Signer(Credentials credentials, std::string region, std::string service = "s3");

  // The value of the Authorization header. `request` has its x-amz-date header (see FormatAmzDate(now)) already.
  std::string Authorization(const SignableRequest& request, TimePoint now) const;

  // Adds what S3 asks for (host, x-amz-date, x-amz-content-sha256, the session token) to the request's headers, and
  // returns them all, with Authorization, less the host, which the HTTP client sends by itself.
  std::vector<io::HttpHeader> Sign(SignableRequest request, const std::string& host, TimePoint now) const;

 private:
  // Derived from the secret key for one day; the derivation is four HMACs, so the last one is kept.
  Digest SigningKey(const std::string& day) const;

  Credentials credentials_;
  std::string region_;
  std::string service_;
  mutable std::mutex mutex_;
  mutable std::string key_day_;
  mutable Digest key_;
};

// "20130524T000000Z"
std::string FormatAmzDate(TimePoint time);

}  // namespace cofre::storage::s3
