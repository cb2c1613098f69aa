#pragma once

// Objects in a bucket of an S3 server.
//
// Retries nothing by itself but the parts of a multipart upload: RetryStore does. A Put is one request, a Get one, a
// Stat one (a GET of one byte: the answer to a HEAD has no body, so a missing bucket would look like a missing object),
// a listing one per 1,000 objects, DeleteMany one per 1,000 keys. Bodies are not copied.
//
// Sends a signed SHA-256 and Content-MD5 with every body (buckets with Object Lock demand the latter), and none of the
// newer checksum headers, conditional headers or trailers that older servers refuse.

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "io/http_client.h"
#include "storage/object_store.h"
#include "storage/s3/multipart.h"
#include "storage/s3/s3_requests.h"
#include "storage/s3/s3_xml.h"
#include "storage/s3/sigv4.h"

namespace cofre::storage {

struct S3Options {
  bool tls = true;
  std::string host;  // with the port where it is not the scheme's own
  std::string bucket;
  std::string prefix;  // of every key: "" or "a/b/"
  bool path_style = true;
  std::string region = "us-east-1";
  s3::Credentials credentials;
  io::HttpOptions http;
  uint64_t multipart_bytes = uint64_t{64} * 1024 * 1024;  // larger objects go up in parts
  s3::MultipartOptions multipart;
};

class S3Store : public ObjectStore {
 public:
  // `clock` and `random` are not owned.
  S3Store(const S3Options& options, Clock& clock, Random& random);

  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override;
  std::optional<std::chrono::seconds> ClockSkew() const override;

 private:
  // Visits each page of a listing.
  void ListPages(const std::string& prefix, bool folders, const std::function<void(s3::ListPage&)>& visit,
                 const std::stop_token& stop);
  std::vector<DeleteFailure> DeleteBatch(std::span<const std::string> keys, const std::stop_token& stop);
  std::vector<DeleteFailure> DeleteInOneRequest(std::span<const std::string> keys, const std::stop_token& stop);
  s3::Call NewCall(const char* verb, const char* method, const std::string& key) const;

  const S3Options options_;
  Clock& clock_;
  LockedRandom random_;
  s3::Requests requests_;
  std::atomic<bool> batch_delete_works_{true};
};

}  // namespace cofre::storage
