#include "service/notify/alert_rules.h"

#include <gtest/gtest.h>

#include <vector>

namespace cofre::service {
namespace {

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();

// Remembers as the catalogue does, and what was told.
class Memory {
 public:
  // "told", "ended" or "".
  std::string Give(const Event& event, bool server_is_down = false) {
    const Verdict verdict = Judge(event, known_, server_is_down, kNow);
    if (verdict.forget) known_.reset();
    if (verdict.keep) known_ = verdict.keep;
    return !verdict.tell ? "" : verdict.ended ? "ended" : "told";
  }
  const std::optional<Alert>& known() const { return known_; }

 private:
  std::optional<Alert> known_;
};

Event Failed() { return BackupFailed("900869750", "Peña", 2026, "srv1", "disk full"); }
Event Done() { return BackupDone("900869750", "Peña", 2026, "srv1"); }
Event Space(unsigned percent) { return SpaceUsed("900869750", "Peña", percent * 1000, 100'000, {}); }

TEST(AlertRulesTest, AFailureIsToldOnceAndItsEndOnce) {
  Memory memory;
  EXPECT_EQ(memory.Give(Failed()), "told");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(memory.Give(Failed()), "");
  EXPECT_EQ(memory.Give(Done()), "ended");
  EXPECT_EQ(memory.Give(Done()), "");
  EXPECT_EQ(memory.Give(Failed()), "told");
}

TEST(AlertRulesTest, WhatAlwaysWorkedIsNoNews) {
  Memory memory;
  EXPECT_EQ(memory.Give(Done()), "");
  EXPECT_FALSE(memory.known());
}

TEST(AlertRulesTest, SpaceIsToldAtEachOfItsLimits) {
  Memory memory;
  EXPECT_EQ(memory.Give(Space(79)), "");
  EXPECT_EQ(memory.Give(Space(80)), "told");
  EXPECT_EQ(memory.Give(Space(94)), "");
  EXPECT_EQ(memory.Give(Space(95)), "told");
  EXPECT_EQ(memory.Give(Space(120)), "");
  EXPECT_EQ(memory.Give(Space(50)), "ended");
}

TEST(AlertRulesTest, AFigureThatSwaysAroundALimitIsToldOnce) {
  Memory memory;
  EXPECT_EQ(memory.Give(Space(80)), "told");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(memory.Give(Space(78)), "");
    EXPECT_EQ(memory.Give(Space(81)), "");
  }
  EXPECT_EQ(memory.Give(Space(95)), "told");
  EXPECT_EQ(memory.Give(Space(91)), "");
  EXPECT_EQ(memory.Give(Space(96)), "");
  EXPECT_EQ(memory.Give(Space(85)), "");  // back to the first limit: known already
  EXPECT_EQ(memory.Give(Space(96)), "told");
  EXPECT_EQ(memory.Give(Space(74)), "ended");
}

TEST(AlertRulesTest, ACompanyWithoutALimitIsFull) { EXPECT_EQ(SpaceUsed("1", "", 0, 0, {}).level, 2); }

TEST(AlertRulesTest, FailuresOfAServerThatIsDownAreHeldBackAndSoIsTheirEnd) {
  Memory memory;
  EXPECT_EQ(memory.Give(Failed(), true), "");
  EXPECT_TRUE(memory.known());
  EXPECT_EQ(memory.Give(Done()), "");
}

TEST(AlertRulesTest, WhatStillFailsOnceTheServerIsBackIsTold) {
  Memory memory;
  EXPECT_EQ(memory.Give(Failed(), true), "");
  EXPECT_EQ(memory.Give(Failed(), false), "told");
  EXPECT_EQ(memory.Give(Failed(), false), "");
  EXPECT_EQ(memory.Give(Done()), "ended");
}

TEST(AlertRulesTest, SpaceIsToldAlsoWhileTheServerIsDown) {
  Memory memory;
  EXPECT_EQ(memory.Give(Space(90), true), "told");
}

TEST(AlertRulesTest, WhatDoesNotLastIsToldOnceForItsSubject) {
  Memory memory;
  const Event found = DatabaseFound("900869750", "Peña", 2027, "srv1");
  EXPECT_EQ(memory.Give(found), "told");
  EXPECT_EQ(memory.Give(found), "");
  EXPECT_NE(found.subject, DatabaseVanished("900869750", "Peña", 2027, "srv1").subject);
}

TEST(AlertRulesTest, AVanishedDatabaseIsToldOnceAndThatItIsBack) {
  Memory memory;
  EXPECT_EQ(memory.Give(DatabaseVanished("1", "", 2026, "s")), "told");
  EXPECT_EQ(memory.Give(DatabaseVanished("1", "", 2026, "s")), "");
  EXPECT_EQ(memory.Give(DatabaseReturned("1", "", 2026, "s")), "ended");
}

TEST(AlertRulesTest, TheBeginningIsKeptWhileItGetsWorse) {
  const Verdict first = Judge(Space(80), std::nullopt, false, kNow);
  const Verdict worse = Judge(Space(99), first.keep, false, kNow + std::chrono::hours(5));
  EXPECT_EQ(worse.keep->since, kNow);
  EXPECT_EQ(worse.keep->level, 2);
}

}  // namespace
}  // namespace cofre::service
