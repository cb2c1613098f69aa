#include "storage/s3/s3_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "storage/s3/s3_errors.h"
#include "storage/store_errors.h"

namespace cofre::storage {
namespace {

constexpr uint64_t kMaxXmlBytes = uint64_t{8} * 1024 * 1024;  // 1,000 keys of 1 KiB, each five times its length escaped
constexpr size_t kKeysPerDelete = 1000;
constexpr int kMaxEmptyPages = 100;  // in a row, of a listing that says it goes on
constexpr uint64_t kMaxOffset = uint64_t{1} << 62;

s3::Endpoint EndpointOf(const S3Options& options) {
  return {.tls = options.tls, .host = options.host, .bucket = options.bucket, .path_style = options.path_style};
}

// Without either, a body that ends too early looks like a whole one.
void RequireLength(const io::HttpResponse& response, const std::string& what) {
  if (response.Header("content-length") == nullptr && response.Header("transfer-encoding") == nullptr) {
    throw Error(ErrorKind::kTransient, what + ": the answer does not say how long it is");
  }
}

// "bytes 0-0/1234" -> 1234
std::optional<uint64_t> SizeOfRange(const std::string* content_range) {
  if (content_range == nullptr) return std::nullopt;
  const size_t slash = content_range->find('/');
  if (slash == std::string::npos) return std::nullopt;
  uint64_t size = 0;
  const char* const end = content_range->data() + content_range->size();
  const auto [rest, problem] = std::from_chars(content_range->data() + slash + 1, end, size);
  if (problem != std::errc() || rest != end) return std::nullopt;
  return size;
}

// A listing must go on upwards, or its reader would go round for ever.
void RequireOrder(const std::string& last, const std::string& next, const std::string& prefix,
                  const std::string& store) {
  if (!next.starts_with(prefix)) {
    throw Error(ErrorKind::kCorrupt, fmt::format("{}: a listing of {} names {}", store, prefix, s3::OneLine(next)));
  }
  if (!last.empty() && next <= last) {
    throw Error(ErrorKind::kCorrupt, fmt::format("{}: a listing is out of order at {}", store, s3::OneLine(next)));
  }
}

bool IsKey(std::string_view text) {
  try {
    RequireValidKey(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

S3Store::S3Store(const S3Options& options, Clock& clock, Random& random)
    : options_(options),
      clock_(clock),
      random_(random),
      requests_(EndpointOf(options), options.credentials, options.region, options.http, clock) {}

s3::Call S3Store::NewCall(const char* verb, const char* method, const std::string& key) const {
  RequireValidKey(key);
  return {.verb = verb, .method = method, .key = options_.prefix + key};
}

void S3Store::Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) {
  s3::Call call = NewCall("cannot write", "PUT", key);
  if (body.size() > options_.multipart_bytes) {
    s3::UploadInParts(requests_, call.key, body, options_.multipart, clock_, random_, stop);
    return;
  }
  call.body = body;
  call.sha256 = sha256;
  requests_.Send(call, stop);
}

Bytes S3Store::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  s3::Call call = NewCall("cannot read", "GET", key);
  call.response_limit = limit;
  io::HttpResponse response = requests_.Send(call, stop);
  RequireLength(response, requests_.Describe(call));
  return std::move(response.body);
}

Bytes S3Store::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  if (length == 0 || offset > kMaxOffset || length > kMaxOffset) {  // no range that HTTP can express
    const auto object = Stat(key, stop);
    if (!object) throw NoSuchObject(Describe(), key);
    if (length != 0 || offset > object->size) throw ObjectTooShort(Describe(), key, offset, length);
    return {};
  }
  s3::Call call = NewCall("cannot read", "GET", key);
  call.headers = {{.name = "Range", .value = fmt::format("bytes={}-{}", offset, offset + length - 1)}};
  call.response_limit = length;
  try {
    io::HttpResponse response = requests_.Send(call, stop);
    RequireLength(response, requests_.Describe(call));
    if (response.status != 206 && offset != 0) {
      throw Error(ErrorKind::kPermanent, requests_.Describe(call) + ": the server does not read ranges");
    }
    if (response.body.size() != length) throw ObjectTooShort(Describe(), key, offset, length);
    return std::move(response.body);
  } catch (const s3::Refused& refused) {
    if (refused.status() == 416) throw ObjectTooShort(Describe(), key, offset, length);
    throw;
  }
}

std::optional<ObjectInfo> S3Store::Stat(const std::string& key, std::stop_token stop) {
  s3::Call call = NewCall("cannot read", "GET", key);
  call.headers = {{.name = "Range", .value = "bytes=0-0"}};
  try {
    const io::HttpResponse response = requests_.Send(call, stop);
    if (response.status != 206) return ObjectInfo{.key = key, .size = response.body.size()};
    const auto size = SizeOfRange(response.Header("content-range"));
    if (!size) throw Error(ErrorKind::kCorrupt, requests_.Describe(call) + ": the answer does not tell its size");
    return ObjectInfo{.key = key, .size = *size};
  } catch (const s3::Refused& refused) {
    if (refused.status() == 416) return ObjectInfo{.key = key, .size = 0};  // not even one byte
    if (refused.kind() == ErrorKind::kNotFound) return std::nullopt;
    throw;
  }
}

void S3Store::ListPages(const std::string& prefix, bool folders, const std::function<void(s3::ListPage&)>& visit,
                        const std::stop_token& stop) {
  RequireValidPrefix(prefix);
  s3::Call call{.verb = prefix.empty() ? "cannot list" : "cannot list " + prefix + " in",
                .method = "GET",
                .key = "",
                .response_limit = kMaxXmlBytes};
  s3::QueryParameters query = {{"list-type", "2"}, {"prefix", options_.prefix + prefix}};
  if (folders) query.emplace_back("delimiter", "/");
  int empty_pages = 0;
  for (std::string token;;) {
    ThrowIfStopped(stop);
    call.query = query;
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    s3::ListPage page;
    try {
      page = s3::ParseListPage(requests_.SendForXml(call, stop));
    } catch (const s3::Refused&) {
      throw;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      throw error.In(requests_.Describe(call));
    }
    visit(page);
    if (!page.truncated) return;
    empty_pages = page.objects.empty() && page.folders.empty() ? empty_pages + 1 : 0;
    if (page.next_token == token || empty_pages > kMaxEmptyPages) {
      throw Error(ErrorKind::kCorrupt, requests_.Describe(call) + ": the listing goes round in circles");
    }
    token = std::move(page.next_token);
  }
}

void S3Store::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                   std::stop_token stop) {
  std::string last;
  const auto visit_page = [&](s3::ListPage& page) {
    for (ObjectInfo& object : page.objects) {
      RequireOrder(last, object.key, options_.prefix + prefix, Describe());
      last = object.key;
      object.key.erase(0, options_.prefix.size());
      // What other tools left, such as "folder/", is not ours to see.
      if (IsKey(object.key)) visit(object);
    }
  };
  ListPages(prefix, false, visit_page, stop);
}

std::vector<std::string> S3Store::ListFolders(const std::string& prefix, std::stop_token stop) {
  std::vector<std::string> names;
  std::string last;
  const std::string whole = options_.prefix + prefix;
  const auto visit_page = [&](s3::ListPage& page) {
    for (const std::string& folder : page.folders) {
      RequireOrder(last, folder, whole, Describe());
      last = folder;
      std::string name = folder.substr(whole.size());
      if (name.ends_with('/')) name.pop_back();
      if (IsKey(name) && name.find('/') == std::string::npos) names.push_back(std::move(name));
    }
  };
  ListPages(prefix, true, visit_page, stop);
  std::ranges::sort(names);  // "a.b/" comes before "a/", but "a" before "a.b"
  return names;
}

void S3Store::Delete(const std::string& key, std::stop_token stop) {
  try {
    requests_.Send(NewCall("cannot delete", "DELETE", key), stop);
  } catch (const s3::Refused& refused) {
    if (refused.kind() != ErrorKind::kNotFound) throw;  // some servers say 404 where S3 says 204
  }
}

std::vector<DeleteFailure> S3Store::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  std::vector<DeleteFailure> failures;
  for (const std::string& key : keys) RequireValidKey(key);
  for (; !keys.empty(); keys = keys.subspan(std::min(keys.size(), kKeysPerDelete))) {
    ThrowIfStopped(stop);
    std::ranges::move(DeleteBatch(keys.first(std::min(keys.size(), kKeysPerDelete)), stop),
                      std::back_inserter(failures));
  }
  ThrowIfStopped(stop);
  return failures;
}

std::vector<DeleteFailure> S3Store::DeleteBatch(std::span<const std::string> keys, const std::stop_token& stop) {
  if (keys.size() > 1 && batch_delete_works_) {
    try {
      return DeleteInOneRequest(keys, stop);
    } catch (const s3::Refused& refused) {
      if (refused.status() != 501 && refused.status() != 405 && refused.code() != "NotImplemented") throw;
      batch_delete_works_ = false;  // Google's S3 gateway, for one
    }
  }
  std::vector<DeleteFailure> failures;
  for (const std::string& key : keys) {
    try {
      Delete(key, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kTransient) throw;
      failures.push_back({.key = key, .message = error.what()});
    }
  }
  return failures;
}

std::vector<DeleteFailure> S3Store::DeleteInOneRequest(std::span<const std::string> keys, const std::stop_token& stop) {
  std::vector<std::string> whole_keys;
  whole_keys.reserve(keys.size());
  for (const std::string& key : keys) whole_keys.push_back(options_.prefix + key);
  const std::string request = s3::DeleteRequest(whole_keys);
  const s3::Call call{.verb = fmt::format("cannot delete {} objects in", keys.size()),
                      .method = "POST",
                      .key = "",
                      .query = {{"delete", ""}},
                      .body = AsBytes(request),
                      .response_limit = kMaxXmlBytes};
  std::vector<DeleteFailure> failures;
  for (s3::DeleteError& error : s3::ParseDeleteResult(requests_.SendForXml(call, stop))) {
    if (error.code == "NoSuchKey" || !error.key.starts_with(options_.prefix)) continue;
    const std::string words = s3::OneLine(error.code + ' ' + error.message);
    // Worth another try as a whole: what has gone already is deleted without harm once more.
    if (s3::IsTransientCode(error.code)) {
      throw Error(ErrorKind::kTransient, fmt::format("{}: {}: {}", requests_.Describe(call), error.key, words));
    }
    failures.push_back({.key = error.key.substr(options_.prefix.size()), .message = words});
  }
  return failures;
}

std::string S3Store::Describe() const {
  const std::string prefix = options_.prefix.empty() ? "" : '/' + options_.prefix.substr(0, options_.prefix.size() - 1);
  return "s3:" + EndpointOf(options_).Url() + '/' + options_.bucket + prefix;
}

std::optional<std::chrono::seconds> S3Store::ClockSkew() const { return requests_.ClockSkew(); }

}  // namespace cofre::storage
