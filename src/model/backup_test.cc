#include "model/backup.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre {
namespace {

TEST(JobNamesTest, EveryKindAndStateIsReadBack) {
  for (const char* kind : {"backup", "verify", "prune", "restore", "export"}) {
    EXPECT_EQ(JobKindName(ParseJobKind(kind)), kind);
  }
  for (const char* state : {"running", "done", "failed", "interrupted"}) {
    EXPECT_EQ(JobStateName(ParseJobState(state)), state);
  }
}

TEST(JobNamesTest, AMistypedNameGetsASuggestion) {
  try {
    ParseJobKind("bakcup");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_STREQ(error.what(), "the job kind 'bakcup' does not exist");
    EXPECT_EQ(error.hint(), "did you mean 'backup'?");
  }
  EXPECT_THROW(ParseJobState(""), Error);
}

}  // namespace
}  // namespace cofre
