#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace cofre {
namespace {

TEST(ErrorTest, KeepsWhatItWasGiven) {
  const Error error(ErrorKind::kAuth, "wrong password for SYSDBA", "look at clave_archivo");
  EXPECT_EQ(error.kind(), ErrorKind::kAuth);
  EXPECT_STREQ(error.what(), "wrong password for SYSDBA");
  EXPECT_EQ(error.hint(), "look at clave_archivo");
  EXPECT_EQ(error.retry_after(), std::nullopt);
}

TEST(ErrorTest, InPutsTheContextInFrontAndKeepsTheRest) {
  Error error(ErrorKind::kTransient, "503 SlowDown", "wait");
  error.WithRetryAfter(std::chrono::seconds(3));
  const Error wrapped = error.In("bucket b").In("backup of 900869750");
  EXPECT_STREQ(wrapped.what(), "backup of 900869750: bucket b: 503 SlowDown");
  EXPECT_EQ(wrapped.kind(), ErrorKind::kTransient);
  EXPECT_EQ(wrapped.hint(), "wait");
  EXPECT_EQ(wrapped.retry_after(), std::chrono::seconds(3));
}

TEST(ErrorTest, EveryKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const ErrorKind kind : {ErrorKind::kTransient, ErrorKind::kPermanent, ErrorKind::kNotFound, ErrorKind::kAuth,
                               ErrorKind::kQuota, ErrorKind::kCorrupt, ErrorKind::kCancelled, ErrorKind::kUsage}) {
    EXPECT_NE(ErrorKindName(kind), "unknown");
    names.insert(ErrorKindName(kind));
  }
  EXPECT_EQ(names.size(), 8U);
}

TEST(SystemErrorTest, SaysWhatFailedAndWhy) {
  EXPECT_STREQ(SystemError(EACCES, "cannot open /x").what(), "cannot open /x: Permission denied");
}

TEST(SystemErrorTest, TheKindFollowsFromErrno) {
  EXPECT_EQ(SystemError(ENOENT, "x").kind(), ErrorKind::kNotFound);
  EXPECT_EQ(SystemError(EAGAIN, "x").kind(), ErrorKind::kTransient);
  EXPECT_EQ(SystemError(EINTR, "x").kind(), ErrorKind::kTransient);
  EXPECT_EQ(SystemError(ENOSPC, "x").kind(), ErrorKind::kPermanent);
  EXPECT_EQ(SystemError(EISDIR, "x").kind(), ErrorKind::kPermanent);
}

TEST(SystemErrorTest, WhatAnOperatorCanMendHasAHint) {
  for (const int number : {EACCES, EPERM, ENOSPC, EDQUOT}) EXPECT_NE(SystemError(number, "x").hint(), "") << number;
}

TEST(ErrorTest, MessageAndHintFitIntoOneLine) {
  EXPECT_EQ(WithHint(Error(ErrorKind::kPermanent, "no room", "make some")), "no room (make some)");
  EXPECT_EQ(WithHint(Error(ErrorKind::kPermanent, "no room")), "no room");
}

}  // namespace
}  // namespace cofre
