#include "service/notify/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "service/notify/notice_json.h"
#include "tests/support/fleet.h"

namespace cofre::service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Keeps how many messages came together.
class FakeReceiver : public Receiver {
 public:
  struct Log {
    std::mutex mutex;
    std::vector<size_t> sent;
    int failures_left = 0;
    int tries = 0;
  };
  explicit FakeReceiver(Log& log) : log_(log) {}

  const std::string& name() const override { return name_; }
  bool Wants(Topic) const override { return true; }
  void Send(std::span<const Told> told, const std::stop_token&) override {
    const std::lock_guard lock(log_.mutex);
    ++log_.tries;
    if (log_.failures_left > 0) {
      --log_.failures_left;
      throw Error(ErrorKind::kTransient, "no answer");
    }
    log_.sent.push_back(told.size());
  }

 private:
  const std::string name_ = "fake";
  Log& log_;
};

// Counts how often somebody asks: that the thread has looked since.
class CountingClock : public Clock {
 public:
  explicit CountingClock(Clock& below) : below_(below) {}
  TimePoint Now() const override {
    ++asked_;
    return below_.Now();
  }
  Duration Monotonic() const override { return below_.Monotonic(); }
  void SleepFor(Duration pause, std::stop_token stop) override { below_.SleepFor(pause, std::move(stop)); }
  int asked() const { return asked_; }

 private:
  Clock& below_;
  mutable std::atomic<int> asked_{0};
};

// Time is the test's.
class DeliveryTest : public testing::Test {
 protected:
  void Happen(int count = 1) {
    const Told told{.time = fleet_.clock.Now(), .event = BackupFailed("900869750", "Peña", 2026, "srv1", "disk full")};
    for (int i = 0; i < count; ++i) {
      fleet_.catalogue->AddNotice({.receiver = "fake", .time = told.time, .content = ToNoticeJson(told)});
    }
  }
  // Moves on, and returns once the thread has looked at all that waits, if anything does. A look asks for the time
  // twice at least, so that a whole one lies within five times.
  void Pass(Duration time) {
    fleet_.clock.Advance(time);
    const int enough = clock_.asked() + 10;
    while (clock_.asked() < enough && fleet_.catalogue->CountNotices("fake") > 0) {
      delivery_.Wake();
      std::this_thread::yield();
    }
  }
  std::vector<size_t> Sent() {
    const std::lock_guard lock(log_.mutex);
    return log_.sent;
  }
  test::SmallFleet fleet_;
  CountingClock clock_{fleet_.clock};
  FakeReceiver::Log log_;
  Delivery delivery_{std::make_unique<FakeReceiver>(log_), *fleet_.catalogue, clock_, {}};
};

TEST_F(DeliveryTest, WhatComesWithinAMinuteGoesTogether) {
  Happen();
  Pass(30s);
  Happen(2);
  EXPECT_THAT(Sent(), IsEmpty());
  Pass(30s);
  EXPECT_THAT(Sent(), ElementsAre(3U));
}

TEST_F(DeliveryTest, WhileMessagesKeepComingTheyBecomeFewer) {
  Happen();
  Pass(1min);
  // Something every minute for two hours.
  for (int minute = 0; minute < 120; ++minute) {
    Happen();
    Pass(1min);
  }
  // After 1, 2, 4, 8 minutes, then every 16.
  EXPECT_EQ(Sent().size(), 11U);
}

TEST_F(DeliveryTest, AfterAQuietHourAMessageIsPromptAgain) {
  for (size_t i = 1; i <= 4; ++i) {
    Happen();
    Pass(17min);
    ASSERT_EQ(Sent().size(), i);
  }
  Pass(1h);
  Happen();
  Pass(1min);
  EXPECT_EQ(Sent().size(), 5U);
  Happen();
  Pass(1min);
  EXPECT_EQ(Sent().size(), 6U);
}

TEST_F(DeliveryTest, FailuresAreRepeatedWithGrowingPauses) {
  log_.failures_left = 3;
  Happen();
  for (int minute = 0; minute < 20; ++minute) Pass(1min);
  EXPECT_EQ(Sent().size(), 1U);
  EXPECT_EQ(log_.tries, 4);
  EXPECT_EQ(fleet_.catalogue->CountNotices("fake"), 0U);
}

TEST_F(DeliveryTest, WhatIsThreeDaysOldIsGivenUp) {
  log_.failures_left = 1000;
  Happen();
  Pass(71h);
  EXPECT_EQ(fleet_.catalogue->CountNotices("fake"), 1U);
  Pass(2h);
  EXPECT_EQ(fleet_.catalogue->CountNotices("fake"), 0U);
}

TEST_F(DeliveryTest, AnUnreadableNoticeIsDroppedAndTheOthersGo) {
  fleet_.catalogue->AddNotice({.receiver = "fake", .time = fleet_.clock.Now(), .content = "{"});
  Happen();
  Pass(1min);
  EXPECT_THAT(Sent(), ElementsAre(1U));
}

}  // namespace
}  // namespace cofre::service
