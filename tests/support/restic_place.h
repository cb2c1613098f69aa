#pragma once

// A place that both Cofre and the installed restic can reach: a local folder or a bucket of the test server. A program
// that includes this links cofre_storage.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/random.h"
#include "storage/store_url.h"
#include "tests/support/restic.h"
#include "tests/support/s3_bucket.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::test {

enum class PlaceKind { kLocal, kS3 };

inline std::string PlaceName(const testing::TestParamInfo<PlaceKind>& info) {
  return info.param == PlaceKind::kLocal ? "Local" : "S3";
}

// For kS3 call COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT") first.
class ResticPlace {
 public:
  ResticPlace(PlaceKind kind, const std::string& password) {
    storage::StoreOptions options;
    std::string url = "file:" + folder_.File("repository");
    std::string spelt_by_restic = folder_.File("repository");
    std::vector<std::pair<std::string, std::string>> environment;
    if (kind == PlaceKind::kS3) {
      const S3Bucket bucket;
      url = spelt_by_restic = bucket.Url() + "/some/prefix";
      options = S3Bucket::StoreOptions();
      environment = {{"AWS_ACCESS_KEY_ID", Setting("COFRE_TEST_S3_ACCESS_KEY")},
                     {"AWS_SECRET_ACCESS_KEY", Setting("COFRE_TEST_S3_SECRET_KEY")}};
    }
    options.create_local_folder = true;
    store_ = storage::OpenStore(url, options, SystemClock(), SystemRandom());
    restic_ = std::make_unique<Restic>(spelt_by_restic, password, environment);
  }

  const std::shared_ptr<storage::ObjectStore>& store() const { return store_; }
  const Restic& restic() const { return *restic_; }
  // For files of the test, beside the repository.
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  std::shared_ptr<storage::ObjectStore> store_;
  std::unique_ptr<Restic> restic_;
};

}  // namespace cofre::test
