#include "api/fleet_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "base/processor_time.h"
#include "service/service_test_vault.h"
#include "tests/support/eventually.h"

namespace cofre::api {
namespace {

using namespace std::chrono_literals;

// Counts how often it is asked, by which a test sees how far another thread has come.
class CountedClock : public test::ManualClock {
 public:
  using ManualClock::ManualClock;
  Duration Monotonic() const override {
    ++asked_;
    return ManualClock::Monotonic();
  }
  int asked() const { return asked_; }

 private:
  mutable std::atomic<int> asked_ = 0;
};

TEST(FleetViewTest, WhoHasWaitedForALongLookDoesNotLookAgain) {
  service::ServiceVault vault;
  vault.AddCompany("900000001");
  CountedClock clock(vault.clock.Now());
  std::atomic<int> looks = 0;
  std::promise<void> is_looking;
  std::promise<void> go_on;
  const std::function wiring = [&] {
    if (++looks == 1) {
      is_looking.set_value();
      go_on.get_future().wait();
    }
    return vault.wiring;
  };
  FleetView view(vault.catalogue(), wiring, clock);
  std::shared_ptr<const FleetSnapshot> first;
  std::shared_ptr<const FleetSnapshot> second;
  std::jthread one([&] { first = view.Get(); });
  is_looking.get_future().wait();
  const int asked = clock.asked();
  std::jthread other([&] { second = view.Get(); });
  EXPECT_TRUE(test::Eventually([&] { return clock.asked() > asked; }));
  clock.Advance(10s);
  go_on.set_value();
  one.join();
  other.join();
  EXPECT_EQ(looks, 1);
  EXPECT_TRUE(first == second);
}

TEST(FleetViewTest, AFleetThatIsLongToLookAtIsLookedAtAgainBeforeWhatIsKeptIsTooOld) {
  service::ServiceVault vault;
  int looks = 0;
  const std::function wiring = [&] {
    ++looks;
    const Duration began = ThreadProcessorTime();
    while (ThreadProcessorTime() - began < 600ms) continue;
    return vault.wiring;
  };
  FleetView view(vault.catalogue(), wiring, vault.clock);
  (void)view.Get();
  vault.clock.Advance(30s);
  view.Refresh();
  EXPECT_EQ(looks, 2);
}

TEST(FleetViewTest, WhatIsKeptServesWhileTheNextLookIsLate) {
  service::ServiceVault vault;
  const std::function wiring = [&] { return vault.wiring; };
  FleetView view(vault.catalogue(), wiring, vault.clock);
  const auto kept = view.Get();
  vault.clock.Advance(55s);
  EXPECT_TRUE(view.Get() == kept);
}

}  // namespace
}  // namespace cofre::api
