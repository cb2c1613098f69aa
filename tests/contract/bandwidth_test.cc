// What goes to a store and comes from it holds to a limit, whatever the request. On a clock that stands still but where
// somebody waits for the limit.

#include "io/bandwidth.h"

#include <gtest/gtest.h>

#include "storage/limited_store.h"
#include "storage/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/s3_bucket.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"

namespace cofre::storage {
namespace {

constexpr uint64_t kRate = 1'000'000;

class StoreBandwidthTest : public testing::Test {
 protected:
  std::shared_ptr<io::Bandwidth> Limit(Clock& clock) {
    return std::make_shared<io::Bandwidth>(clock, [](TimePoint) { return kRate; });
  }
  // Seconds that `work` waited.
  template <typename Work>
  double Waited(const test::ManualClock& clock, const Work& work) {
    const Duration before = clock.slept();
    work();
    return std::chrono::duration<double>(clock.slept() - before).count();
  }

  void ExpectLimits(ObjectStore& store) {
    const Bytes large = test::Noise(12'000'000, 1);
    const Bytes small = test::Noise(100'000, 2);
    EXPECT_NEAR(Waited(up_, [&] { store.Put("large", large, std::nullopt, {}); }), 12, 0.3);
    EXPECT_NEAR(Waited(up_,
                       [&] {
                         for (int i = 0; i < 20; ++i) store.Put("small" + std::to_string(i), small, std::nullopt, {});
                       }),
                2, 0.3);
    EXPECT_NEAR(Waited(down_, [&] { EXPECT_EQ(store.Get("large", 12'000'000, {}), large); }), 12, 0.3);
    EXPECT_NEAR(Waited(down_, [&] { EXPECT_EQ(store.GetRange("large", 1'000'000, 5'000'000, {}).size(), 5'000'000U); }),
                5, 0.3);
    EXPECT_NEAR(Waited(up_, [&] { store.Get("small0", 200'000, {}); }), 0, 0.01);
  }

  test::ManualClock up_{TimePoint{}};
  test::ManualClock down_{TimePoint{}};
};

TEST_F(StoreBandwidthTest, AFolderHoldsToIt) {
  LimitedStore store(std::make_shared<MemoryStore>(), Limit(up_), Limit(down_));
  ExpectLimits(store);
}

TEST_F(StoreBandwidthTest, ABucketHoldsToItAlsoInPartsAndRanges) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
  const test::S3Bucket bucket;
  S3Options options = bucket.Options();
  options.multipart_bytes = uint64_t{6} * 1024 * 1024;
  options.multipart.part_bytes = uint64_t{5} * 1024 * 1024;
  options.http.upload = Limit(up_);
  options.http.download = Limit(down_);
  S3Store store(options, SystemClock(), SystemRandom());
  ExpectLimits(store);
}

}  // namespace
}  // namespace cofre::storage
