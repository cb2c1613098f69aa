#include "base/process_identity.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace cofre {
namespace {

// The own identity with one of its parts ("host/boot:namespace/pid/start") replaced.
std::string With(int part, const std::string& value) {
  std::string identity = OwnProcessIdentity();
  size_t begin = 0;
  for (int i = 0; i < part; ++i) begin = identity.find('/', begin) + 1;
  return identity.replace(begin, identity.find('/', begin) - begin, value);
}

TEST(ProcessIdentityTest, ThisProcessIsAlive) { EXPECT_TRUE(MayBeAlive(OwnProcessIdentity())); }

TEST(ProcessIdentityTest, AProcessThatEndedIsNot) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_GT(child, 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(MayBeAlive(With(2, std::to_string(child))));
}

TEST(ProcessIdentityTest, ANumberGivenToAnotherProcessIsNotTheOldOne) { EXPECT_FALSE(MayBeAlive(With(3, "1"))); }

TEST(ProcessIdentityTest, NothingOutlivesARestartOfTheMachine) {
  EXPECT_FALSE(MayBeAlive(With(1, "00000000-0000-0000-0000-000000000000")));
}

TEST(ProcessIdentityTest, WhatCannotBeKnownMayBeAlive) {
  EXPECT_TRUE(MayBeAlive(With(0, "another-host")));
  EXPECT_TRUE(MayBeAlive(With(2, "12x")));
  EXPECT_TRUE(MayBeAlive(""));
  EXPECT_TRUE(MayBeAlive("a/b"));
}

TEST(ProcessIdentityTest, AnEndIsCertainOnlyWithinOneBootAndNamespace) {
  EXPECT_TRUE(HasEndedHere(With(3, "1")));
  EXPECT_FALSE(HasEndedHere(OwnProcessIdentity()));

  const std::string& own = OwnProcessIdentity();
  const size_t colon = own.find(':');
  std::string other_namespace = With(3, "1");
  other_namespace.replace(colon + 1, other_namespace.find('/', colon) - colon - 1, "1");
  EXPECT_FALSE(HasEndedHere(other_namespace));
  EXPECT_TRUE(MayBeAlive(other_namespace));

  std::string other_boot = With(3, "1");
  other_boot[own.find('/') + 1] ^= 1;
  EXPECT_FALSE(HasEndedHere(other_boot));
  EXPECT_FALSE(HasEndedHere("a/b"));
}

}  // namespace
}  // namespace cofre
