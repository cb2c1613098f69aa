#include "storage/retry_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"

namespace cofre::storage {
namespace {

using test::FaultyStore;
using Fault = FaultyStore::Fault;
using Operation = FaultyStore::Operation;

class RetryStoreTest : public testing::Test {
 protected:
  test::ManualClock clock_{TimePoint{}};
  SeededRandom random_{1};
  std::shared_ptr<MemoryStore> memory_ = std::make_shared<MemoryStore>();
  std::shared_ptr<FaultyStore> faulty_ = std::make_shared<FaultyStore>(memory_);
  RetryStore store_{faulty_, RetryPolicy{.max_tries = 5}, clock_, random_};
};

TEST_F(RetryStoreTest, APutWhoseAnswerWasLostIsRepeatedWithoutHarm) {
  faulty_->FailNth(1, Fault::kLostAnswer);
  store_.Put("a", AsBytes("x"), std::nullopt, {});
  EXPECT_EQ(faulty_->Count(Operation::kPut), 2U);
  EXPECT_EQ(store_.Get("a", 10, {}), Bytes{'x'});
}

TEST_F(RetryStoreTest, AStoreThatIsBusyForAWhileIsWaitedFor) {
  int failures = 4;
  faulty_->SetScript([&](const FaultyStore::Call&) { return failures-- > 0 ? Fault::kError : Fault::kNone; });
  store_.Put("a", AsBytes("x"), std::nullopt, {});
  EXPECT_EQ(faulty_->Count(Operation::kPut), 5U);
  EXPECT_GT(clock_.slept(), std::chrono::seconds(1));
}

TEST_F(RetryStoreTest, WhatIsNotTransientIsNotRepeated) {
  faulty_->FailNth(1, Fault::kError, ErrorKind::kAuth);
  EXPECT_THROW(store_.Get("a", 10, {}), Error);
  EXPECT_THROW(store_.Get("missing", 10, {}), Error);
  EXPECT_EQ(faulty_->Count(Operation::kGet), 2U);
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(RetryStoreTest, AListingThatBreaksGoesOnWhereItWas) {
  for (int i = 0; i < 10; ++i) memory_->Put("k/" + std::to_string(i), {}, std::nullopt, {});
  faulty_->FailNth(1, Fault::kHalf);
  std::vector<std::string> seen;
  store_.List("k/", [&](const ObjectInfo& object) { seen.push_back(object.key); }, {});
  EXPECT_THAT(seen, testing::ElementsAre("k/0", "k/1", "k/2", "k/3", "k/4", "k/5", "k/6", "k/7", "k/8", "k/9"));
  EXPECT_EQ(faulty_->Count(Operation::kList), 2U);
}

TEST_F(RetryStoreTest, AListingThatNeverSucceedsThrows) {
  faulty_->SetScript([](const FaultyStore::Call&) { return Fault::kHalf; });
  memory_->Put("k/1", {}, std::nullopt, {});
  EXPECT_THROW(store_.List("k/", [](const ObjectInfo&) {}, {}), Error);
  EXPECT_EQ(faulty_->Count(Operation::kList), 5U);
}

TEST_F(RetryStoreTest, AForeignExceptionOfAVisitorPassesThrough) {
  memory_->Put("k/1", {}, std::nullopt, {});
  EXPECT_THROW(store_.List("k/", [](const ObjectInfo&) { throw std::bad_alloc(); }, {}), std::bad_alloc);
  EXPECT_EQ(faulty_->Count(Operation::kList), 1U);
}

// The zoo itself must misbehave as it says.
TEST_F(RetryStoreTest, AfterAPowerCutNothingHappensAnyMore) {
  faulty_->CutPowerAfter(2, true);
  store_.Put("1", {}, std::nullopt, {});
  EXPECT_FALSE(store_.Stat("2", {}));
  EXPECT_THROW(store_.Put("2", {}, std::nullopt, {}), Error) << "its answer is lost";
  EXPECT_THROW(store_.Put("3", {}, std::nullopt, {}), Error);
  EXPECT_THROW(store_.Get("1", 10, {}), Error);
  faulty_->Heal();
  EXPECT_THAT(ListAll(store_, "", {}), testing::SizeIs(2));
}

TEST_F(RetryStoreTest, ReadsThatAreCutOrFlippedLookLikeReads) {
  memory_->Put("a", AsBytes("0123456789"), std::nullopt, {});
  faulty_->FailNth(1, Fault::kHalf);
  EXPECT_EQ(store_.Get("a", 10, {}).size(), 5U);
  faulty_->FailNth(1, Fault::kFlip);
  const Bytes flipped = store_.Get("a", 10, {});
  EXPECT_EQ(flipped.size(), 10U);
  EXPECT_NE(AsText(flipped), "0123456789");
}

}  // namespace
}  // namespace cofre::storage
