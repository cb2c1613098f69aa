#include "service/shared_clock.h"

#include <gtest/gtest.h>

#include "tests/support/catalogue_places.h"
#include "tests/support/manual_clock.h"
#include "tests/support/servers.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

// Of a process that is frozen for a minute whenever it has asked for the time.
class FreezingClock : public test::ManualClock {
 public:
  using ManualClock::ManualClock;
  Duration Monotonic() const override {
    const Duration now = ManualClock::Monotonic() + frozen_;
    if (freezes) frozen_ += 1min;
    return now;
  }
  bool freezes = false;

 private:
  mutable Duration frozen_{};
};

// A machine whose clock is years behind.
class SharedClockTest : public ::testing::Test {
 protected:
  void SetUp() override { COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL"); }

  std::string NewCatalogue() {
    catalogue::Catalogue::OpenOrCreate(place_->Url());
    return place_->Url();
  }
  static Duration FromTheTruth(TimePoint time) { return std::chrono::abs(time - SystemClock().Now()); }

  const std::unique_ptr<test::CataloguePlace> place_ = test::MakeCataloguePlace(test::CatalogueEngine::kPostgresql);
  test::ManualClock machine_{ParseTime("2020-01-01T00:00:00Z").value()};
};

TEST_F(SharedClockTest, AWrongClockIsNotHeardWhereTheServerSaysTheTime) {
  SharedClock clock(NewCatalogue(), machine_);
  EXPECT_LT(FromTheTruth(clock.Now()), 1min);
}

TEST_F(SharedClockTest, ItCountsOnByItsOwnMachine) {
  SharedClock clock(NewCatalogue(), machine_);
  const TimePoint before = clock.Now();
  machine_.Advance(1h);
  EXPECT_EQ(clock.Now() - before, 1h);
}

TEST_F(SharedClockTest, ItAsksAgainOnceTheAnswerIsOld) {
  SharedClock clock(NewCatalogue(), machine_);
  (void)clock.Now();
  machine_.Advance(1h);  // which the server has not
  clock.Refresh();
  EXPECT_LT(FromTheTruth(clock.Now()), 1min);
}

TEST_F(SharedClockTest, AnAnswerThatTookLongIsNotBelieved) {
  FreezingClock machine{machine_.Now()};
  SharedClock clock(NewCatalogue(), machine);
  const TimePoint before = clock.Now();
  machine.Advance(1h);
  machine.freezes = true;
  clock.Refresh();
  machine.freezes = false;
  const Duration passed = machine.Monotonic() - machine_.Monotonic();
  EXPECT_EQ(clock.Now() - before, passed);
  EXPECT_GT(passed, 1h);
}

TEST_F(SharedClockTest, WithoutAnAnswerTheMachinesOwnTimeCounts) {
  SharedClock clock("postgresql://cofre@127.0.0.1:1/none", machine_);
  EXPECT_EQ(clock.Now(), machine_.Now());
}

}  // namespace
}  // namespace cofre::service
