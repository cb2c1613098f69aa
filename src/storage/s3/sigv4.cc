#include "storage/s3/sigv4.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace cofre::storage::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool IsUnreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// Blanks at the ends go, runs of them within become one.
std::string CanonicalValue(std::string_view value) {
  std::string canonical;
  for (const char c : Trimmed(value)) {
    if (c != ' ' || !canonical.ends_with(' ')) canonical += c;
  }
  return canonical;
}

// Lower-case names, sorted; the values of a repeated name joined with ',' in the order they came.
std::vector<io::HttpHeader> CanonicalHeaders(const std::vector<io::HttpHeader>& headers) {
  std::vector<io::HttpHeader> canonical;
  canonical.reserve(headers.size());
  for (const io::HttpHeader& header : headers) {
    canonical.push_back({.name = AsciiLower(header.name), .value = CanonicalValue(header.value)});
  }
  std::ranges::stable_sort(canonical, {}, &io::HttpHeader::name);
  std::vector<io::HttpHeader> joined;
  for (io::HttpHeader& header : canonical) {
    if (!joined.empty() && joined.back().name == header.name) {
      joined.back().value += ',' + header.value;
    } else {
      joined.push_back(std::move(header));
    }
  }
  return joined;
}

std::string JoinedNames(const std::vector<io::HttpHeader>& canonical) {
  std::string names;
  for (const io::HttpHeader& header : canonical) {
    if (!names.empty()) names += ';';
    names += header.name;
  }
  return names;
}

}  // namespace

std::string UriEncode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c) || (keep_slash && c == '/')) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 0xf];
  }
  return encoded;
}

std::string CanonicalQuery(const QueryParameters& parameters) {
  QueryParameters encoded;
  encoded.reserve(parameters.size());
  for (const auto& [name, value] : parameters) encoded.emplace_back(UriEncode(name, false), UriEncode(value, false));
  std::ranges::sort(encoded);
  std::string query;
  for (const auto& [name, value] : encoded) {
    if (!query.empty()) query += '&';
    query += name;
    query += '=';
    query += value;
  }
  return query;
}

std::string CanonicalRequest(const SignableRequest& request) {
  std::string text = request.method + '\n' + request.path + '\n' + request.query + '\n';
  const std::vector<io::HttpHeader> headers = CanonicalHeaders(request.headers);
  for (const io::HttpHeader& header : headers) text += header.name + ':' + header.value + '\n';
  return text + '\n' + JoinedNames(headers) + '\n' + request.payload_hash;
}

std::string SignedHeaders(const SignableRequest& request) { return JoinedNames(CanonicalHeaders(request.headers)); }

std::string FormatAmzDate(TimePoint time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

Signer::Signer(Credentials credentials, std::string region, std::string service)
    : credentials_(std::move(credentials)), region_(std::move(region)), service_(std::move(service)) {}

Digest Signer::SigningKey(const std::string& day) const {
  const std::lock_guard lock(mutex_);
  if (key_day_ != day) {
    const Secret start("AWS4" + credentials_.secret_key.Reveal());
    Digest key = HmacSha256(start.RevealBytes(), AsBytes(day));
    key = HmacSha256(key.bytes, AsBytes(region_));
    key = HmacSha256(key.bytes, AsBytes(service_));
    key_ = HmacSha256(key.bytes, AsBytes("aws4_request"));
    key_day_ = day;
  }
  return key_;
}

std::string Signer::Authorization(const SignableRequest& request, TimePoint now) const {
  const std::string time = FormatAmzDate(now);
  const std::string day = time.substr(0, 8);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", day, region_, service_);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, Sha256(AsBytes(CanonicalRequest(request))).Hex());
  const Digest signature = HmacSha256(SigningKey(day).bytes, AsBytes(text));
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, credentials_.access_key, scope,
                     SignedHeaders(request), signature.Hex());
}

std::vector<io::HttpHeader> Signer::Sign(SignableRequest request, const std::string& host, TimePoint now) const {
  std::vector<io::HttpHeader>& headers = request.headers;
  headers.push_back({.name = "x-amz-date", .value = FormatAmzDate(now)});
  headers.push_back({.name = "x-amz-content-sha256", .value = request.payload_hash});
  if (!credentials_.session_token.empty()) {
    headers.push_back({.name = "x-amz-security-token", .value = credentials_.session_token.Reveal()});
  }
  headers.push_back({.name = "host", .value = host});
  std::string authorization = Authorization(request, now);
  headers.back() = {.name = "Authorization", .value = std::move(authorization)};
  return std::move(headers);
}

}  // namespace cofre::storage::s3
