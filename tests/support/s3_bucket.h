#pragma once

// A bucket of its own on the S3 server of the tests, made with a plain signed PUT. A program that includes this links
// cofre_storage. The bucket stays: the server is thrown away with all it has.

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "storage/s3/s3_requests.h"
#include "storage/s3/s3_store.h"
#include "storage/store_url.h"
#include "tests/support/servers.h"

namespace cofre::test {

class S3Bucket {
 public:
  // Call COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT") first.
  S3Bucket() : endpoint_(Setting("COFRE_TEST_S3_ENDPOINT")), name_(NewName()) {
    const storage::S3Options options = Options();
    storage::s3::Requests requests({.tls = options.tls, .host = options.host, .bucket = name_}, options.credentials,
                                   options.region, {}, SystemClock());
    requests.Send({.verb = "cannot create", .method = "PUT"}, {});
  }

  const std::string& name() const { return name_; }
  const std::string& endpoint() const { return endpoint_; }

  // "s3:http://127.0.0.1:7480/cofre-test-..."
  std::string Url() const { return "s3:" + endpoint_ + "/" + name_; }

  // With keys, for OpenStore.
  static storage::StoreOptions StoreOptions() {
    storage::StoreOptions options;
    options.access_key = Setting("COFRE_TEST_S3_ACCESS_KEY");
    options.secret_key = Secret(Setting("COFRE_TEST_S3_SECRET_KEY"));
    return options;
  }

  // For an S3Store without retries.
  storage::S3Options Options() const {
    const storage::StoreUrl url = storage::ParseStoreUrl(Url());
    return {.tls = url.tls,
            .host = url.host,
            .bucket = url.bucket,
            .credentials = {.access_key = Setting("COFRE_TEST_S3_ACCESS_KEY"),
                            .secret_key = Secret(Setting("COFRE_TEST_S3_SECRET_KEY"))}};
  }

 private:
  static std::string NewName() {
    static std::atomic<int> number{0};
    const auto since_epoch = SystemClock().Now().time_since_epoch().count();
    return fmt::format("cofre-test-{:x}-{:x}-{}", since_epoch, getpid(), ++number);
  }

  std::string endpoint_;
  std::string name_;
};

}  // namespace cofre::test
