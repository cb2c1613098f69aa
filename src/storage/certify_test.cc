#include "storage/certify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_store.h"
#include "storage/retry_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"

namespace cofre::storage {
namespace {

using test::FaultyStore;
using Call = FaultyStore::Call;
using Fault = FaultyStore::Fault;
using Operation = FaultyStore::Operation;

// A memory store that says it is a bucket whose server's clock is off.
class DistantStore : public MemoryStore {
 public:
  std::string Describe() const override { return "s3:http://host/bucket"; }
  std::optional<std::chrono::seconds> ClockSkew() const override { return skew; }

  std::optional<std::chrono::seconds> skew = std::chrono::seconds(1);
};

class CertifyTest : public testing::Test {
 protected:
  std::vector<CheckLine> Certify() { return CertifyStore(*faulty_, clock_, random_, stop_.get_token()); }

  // "write: ok", "delete: failed"
  static std::vector<std::string> Summary(const std::vector<CheckLine>& lines) {
    std::vector<std::string> summary;
    summary.reserve(lines.size());
    for (const CheckLine& line : lines) summary.push_back(line.name + (line.ok ? ": ok" : ": failed"));
    return summary;
  }
  // The names of the lines that failed, after a certification in which the operation always has the fault.
  std::vector<std::string> FailedWhen(Operation operation, Fault fault, ErrorKind kind = ErrorKind::kAuth) {
    faulty_->SetScript([=](const Call& call) { return call.operation == operation ? fault : Fault::kNone; }, kind);
    std::vector<std::string> failed;
    for (const CheckLine& line : Certify()) {
      if (!line.ok) failed.push_back(line.name);
    }
    return failed;
  }

  test::ManualClock clock_{TimePoint{}};
  SeededRandom random_{1};
  std::stop_source stop_;
  std::shared_ptr<MemoryStore> memory_ = std::make_shared<MemoryStore>();
  std::shared_ptr<FaultyStore> faulty_ = std::make_shared<FaultyStore>(memory_);
};

TEST_F(CertifyTest, AGoodStorePassesEveryCheckAndIsLeftAsItWas) {
  memory_->Put("mine", {}, std::nullopt, {});
  EXPECT_THAT(Summary(Certify()),
              testing::ElementsAre("folder: ok", "write: ok", "read back: ok", "ranged read: ok", "list: ok",
                                   "overwrite: ok", "missing object: ok", "delete: ok", "delete many: ok"));
  EXPECT_THAT(ListAll(*memory_, "", {}), testing::SizeIs(1));
}

TEST_F(CertifyTest, EachThingThatTheStoreDoesWrongHasItsLine) {
  EXPECT_THAT(FailedWhen(Operation::kPut, Fault::kError), testing::ElementsAre("write"));
  EXPECT_THAT(FailedWhen(Operation::kGet, Fault::kFlip), testing::ElementsAre("read back", "overwrite"));
  EXPECT_THAT(FailedWhen(Operation::kGetRange, Fault::kHalf), testing::ElementsAre("ranged read"));
  EXPECT_THAT(FailedWhen(Operation::kDelete, Fault::kError), testing::ElementsAre("delete"));
  EXPECT_THAT(FailedWhen(Operation::kDeleteMany, Fault::kError), testing::ElementsAre("delete many", "tidy up"));
}

TEST_F(CertifyTest, WhatIsWrongHasAHint) {
  FailedWhen(Operation::kGet, Fault::kFlip);
  for (const CheckLine& line : Certify()) EXPECT_EQ(line.hint.empty(), line.ok) << line.name;
}

TEST_F(CertifyTest, WhatAFailureLeftIsTidied) {
  FailedWhen(Operation::kDelete, Fault::kError);
  EXPECT_THAT(ListAll(*memory_, "", {}), testing::IsEmpty());
}

TEST_F(CertifyTest, SomebodyWaitsSoAFailureIsNotRetriedForMinutes) {
  faulty_->SetScript([](const Call&) { return Fault::kError; });
  RetryStore patient(faulty_, RetryPolicy{}, clock_, random_);
  EXPECT_EQ(CertifyStore(patient, clock_, random_, {}).size(), 1U);
  EXPECT_EQ(faulty_->Count(Operation::kList), 3U);
  EXPECT_LT(clock_.slept(), std::chrono::seconds(1));
}

TEST_F(CertifyTest, AStopThrowsAndTidies) {
  faulty_->SetScript([this](const Call& call) {
    if (call.operation == Operation::kGetRange) stop_.request_stop();
    return Fault::kNone;
  });
  EXPECT_THROW(Certify(), Error);
  EXPECT_THAT(ListAll(*memory_, "", {}), testing::IsEmpty());
}

class CertifyBucketTest : public CertifyTest {
 protected:
  std::vector<std::string> WhenListingFails(ErrorKind kind) {
    faulty_->SetScript([](const Call&) { return Fault::kError; }, kind);
    return Summary(Certify());
  }

  CertifyBucketTest() { faulty_ = std::make_shared<FaultyStore>(distant_); }
  std::shared_ptr<DistantStore> distant_ = std::make_shared<DistantStore>();
};

TEST_F(CertifyBucketTest, ConnectionCredentialsBucketAndClockHaveTheirLines) {
  const auto lines = Summary(Certify());
  ASSERT_GE(lines.size(), 4U);
  EXPECT_THAT(std::vector<std::string>(lines.begin(), lines.begin() + 4),
              testing::ElementsAre("connection: ok", "credentials: ok", "bucket: ok", "clock: ok"));
}

TEST_F(CertifyBucketTest, TheFirstFailureIsTheLastQuestion) {
  EXPECT_THAT(WhenListingFails(ErrorKind::kTransient), testing::ElementsAre("connection: failed", "clock: ok"));
  EXPECT_THAT(WhenListingFails(ErrorKind::kAuth),
              testing::ElementsAre("connection: ok", "credentials: failed", "clock: ok"));
  EXPECT_THAT(WhenListingFails(ErrorKind::kPermanent),
              testing::ElementsAre("connection: ok", "bucket: failed", "clock: ok"));
}

TEST_F(CertifyBucketTest, AClockThatIsOffIsSaidWithItsDirection) {
  distant_->skew = std::chrono::seconds(-200);
  const auto lines = Certify();
  const auto clock = std::ranges::find(lines, "clock", &CheckLine::name);
  ASSERT_NE(clock, lines.end());
  EXPECT_FALSE(clock->ok);
  EXPECT_EQ(clock->message, "the server's clock is 200 s behind ours");
}

}  // namespace
}  // namespace cofre::storage
