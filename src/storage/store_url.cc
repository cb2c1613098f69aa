#include "storage/store_url.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "storage/limited_store.h"
#include "storage/local_store.h"
#include "storage/retry_store.h"
#include "storage/s3/credentials.h"
#include "storage/s3/s3_store.h"

namespace cofre::storage {
namespace {

constexpr const char* kForms = "write file:/path, or s3:https://host/bucket/prefix";
constexpr size_t kMaxUrlBytes = 1024;

Error BadUrl(std::string_view url, std::string_view problem, const char* hint = kForms) {
  // Somebody may have written keys in front of an '@'.
  const std::string shown = url.find('@') == std::string_view::npos ? Quoted(url) : "address";
  return {ErrorKind::kUsage, fmt::format("store {}: {}", shown, problem), hint};
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '-' || c == '.' || c == '_';
}

std::string PortProblem(std::string_view port) {
  const bool ok = !port.empty() && port.size() <= 5 && std::ranges::all_of(port, IsDigit) &&
                  std::stoi(std::string(port)) >= 1 && std::stoi(std::string(port)) <= 65535;
  return ok ? "" : fmt::format("port {} is not a number from 1 to 65535", Quoted(port));
}

// "" where it is a host name, an IPv4 address or a bracketed IPv6 address, with a port or without.
std::string HostProblem(std::string_view host) {
  if (host.empty()) return "the host is missing";
  if (host.find('@') != std::string_view::npos) return "keys do not belong into a URL";
  if (host.front() == '[') {
    const size_t end = host.find(']');
    if (end == std::string_view::npos) return "the host lacks its ']'";
    const std::string_view address = host.substr(1, end - 1);
    if (address.empty() || address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return fmt::format("{} is no IPv6 address", Quoted(address));
    }
    if (end + 1 == host.size()) return "";
    return host[end + 1] == ':' ? PortProblem(host.substr(end + 2)) : "something follows the host's ']'";
  }
  const size_t colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  if (name.empty()) return "the host is missing";
  if (!std::ranges::all_of(name, IsHostCharacter)) return fmt::format("{} is no host name", Quoted(name));
  return colon == std::string_view::npos ? "" : PortProblem(host.substr(colon + 1));
}

// The rules that all S3 servers share: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html,
// and capitals and '_', which old buckets have.
std::string BucketProblem(std::string_view bucket) {
  if (bucket.empty()) return "the bucket is missing";
  if (bucket.size() < 3 || bucket.size() > 63) {
    return fmt::format("bucket {} does not have 3 to 63 characters", Quoted(bucket));
  }
  if (!std::ranges::all_of(bucket, IsHostCharacter)) {
    return fmt::format("bucket {} has characters other than letters, digits, '-', '.' and '_'", Quoted(bucket));
  }
  if (bucket.find("..") != std::string_view::npos) return fmt::format("bucket {} has \"..\"", Quoted(bucket));
  return "";
}

// The host as a Host header has it: in lower case, without the scheme's own port.
std::string CanonicalHost(std::string_view host, bool tls) {
  std::string canonical = AsciiLower(host);
  const std::string_view own_port = tls ? ":443" : ":80";
  if (canonical.ends_with(own_port)) canonical.resize(canonical.size() - own_port.size());
  return canonical;
}

StoreUrl ParseLocal(std::string_view url, std::string_view path) {
  TakePrefix(path, "//");  // file:///path
  if (path.empty() || path.front() != '/') throw BadUrl(url, "the path does not begin with '/'");
  if (path.find('\0') != std::string_view::npos) throw BadUrl(url, "the path has a zero byte");
  return {.kind = StoreUrl::Kind::kLocal, .path = std::string(path)};
}

StoreUrl ParseS3(std::string_view url, std::string_view rest) {
  StoreUrl parsed{.kind = StoreUrl::Kind::kS3};
  parsed.tls = !TakePrefix(rest, "http://");
  if (parsed.tls) TakePrefix(rest, "https://");
  if (rest.find("://") != std::string_view::npos) throw BadUrl(url, "S3 is spoken over https:// or http:// only");
  if (rest.find_first_of("?#") != std::string_view::npos) throw BadUrl(url, "'?' and '#' have no meaning here");

  const size_t host_end = std::min(rest.find('/'), rest.size());
  const std::string_view host = rest.substr(0, host_end);
  rest.remove_prefix(std::min(host_end + 1, rest.size()));
  const size_t bucket_end = std::min(rest.find('/'), rest.size());
  const std::string_view bucket = rest.substr(0, bucket_end);
  std::string_view prefix = rest.substr(std::min(bucket_end + 1, rest.size()));
  if (prefix.ends_with('/')) prefix.remove_suffix(1);

  if (const std::string problem = HostProblem(host); !problem.empty()) throw BadUrl(url, problem);
  if (const std::string problem = BucketProblem(bucket); !problem.empty()) throw BadUrl(url, problem);
  try {
    if (!prefix.empty()) RequireValidKey(prefix);
  } catch (const Error& error) {
    throw BadUrl(url, fmt::format("the prefix is no object key: {}", error.what()));
  }
  parsed.host = CanonicalHost(host, parsed.tls);
  parsed.bucket = bucket;
  parsed.prefix = prefix;
  return parsed;
}

bool IsAmazon(std::string_view host) { return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"); }

// Providers whose hosts name the region: "s3.eu-central-1.amazonaws.com", "s3.us-west-004.backblazeb2.com".
std::string RegionOfHost(std::string_view host) {
  constexpr std::array<std::string_view, 4> kProviders = {".amazonaws.com", ".amazonaws.com.cn", ".backblazeb2.com",
                                                          ".wasabisys.com"};
  if (host.ends_with(".r2.cloudflarestorage.com")) return "auto";
  for (const std::string_view provider : kProviders) {
    std::string_view region = host;
    if (!region.ends_with(provider)) continue;
    region.remove_suffix(provider.size());
    if (!TakePrefix(region, "s3.")) continue;
    TakePrefix(region, "dualstack.");
    if (!region.empty() && region.find('.') == std::string_view::npos) return std::string(region);
  }
  return "";
}

std::string FindRegion(const StoreUrl& url, const StoreOptions& options, const s3::Environment& environment) {
  if (!options.region.empty()) return options.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = environment(name); region && !region->empty()) return *region;
  }
  const std::string named = RegionOfHost(url.host);
  return named.empty() ? "us-east-1" : named;
}

s3::Credentials FindKeys(const StoreOptions& options, const s3::Environment& environment) {
  if (options.access_key.empty() != options.secret_key.empty()) {
    throw Error(ErrorKind::kAuth, "only one of access key and secret key is configured", "configure both or none");
  }
  if (options.access_key.empty()) return s3::FindCredentials(environment);
  return {.access_key = options.access_key, .secret_key = options.secret_key, .session_token = options.session_token};
}

// Amazon wants the bucket in the host; a name with dots would not match its certificate there. All others know the
// path.
bool UsesPath(const StoreUrl& url, const StoreOptions& options) {
  if (options.path_style) return *options.path_style;
  return !IsAmazon(url.host) || url.bucket.find('.') != std::string::npos;
}

std::shared_ptr<ObjectStore> OpenS3(const StoreUrl& url, const StoreOptions& options, Clock& clock, Random& random) {
  const s3::Environment environment = s3::ProcessEnvironment();
  S3Options s3{.tls = url.tls,
               .host = url.host,
               .bucket = url.bucket,
               .prefix = url.prefix.empty() ? "" : url.prefix + '/',
               .path_style = UsesPath(url, options),
               .region = FindRegion(url, options, environment),
               .credentials = FindKeys(options, environment),
               .multipart_bytes = options.multipart_bytes};
  s3.http.ca_file = options.ca_file;
  s3.http.max_connections = options.max_connections;
  s3.http.upload = options.upload;
  s3.http.download = options.download;
  return std::make_shared<S3Store>(s3, clock, random);
}

}  // namespace

StoreUrl ParseStoreUrl(std::string_view url) {
  if (url.size() > kMaxUrlBytes) throw BadUrl(url, fmt::format("it is longer than {} bytes", kMaxUrlBytes));
  std::string_view rest = url;
  if (TakePrefix(rest, "file:")) return ParseLocal(url, rest);
  if (TakePrefix(rest, "s3:")) {
    TakePrefix(rest, rest.starts_with("//") ? "//" : "");  // s3://host/bucket
    return ParseS3(url, rest);
  }
  throw BadUrl(url, "it begins with neither file: nor s3:");
}

std::shared_ptr<ObjectStore> OpenStore(std::string_view url, const StoreOptions& options, Clock& clock,
                                       Random& random) {
  const StoreUrl parsed = ParseStoreUrl(url);
  std::shared_ptr<ObjectStore> store;
  if (parsed.kind == StoreUrl::Kind::kLocal) {
    store = std::make_shared<LimitedStore>(std::make_shared<LocalStore>(parsed.path, options.create_local_folder),
                                           options.upload, options.download);
  } else {
    store = OpenS3(parsed, options, clock, random);
  }
  return std::make_shared<RetryStore>(std::move(store), options.retry, clock, random);
}

}  // namespace cofre::storage
