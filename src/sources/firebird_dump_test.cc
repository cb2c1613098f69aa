#include "sources/firebird_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sources/firebird_restore.h"
#include "tests/support/expect_error.h"

namespace cofre::sources {
namespace {

using testing::HasSubstr;

// What a gbak that has done all it should says and leaves.
struct Ending {
  io::ProcessEnd end{0, 0, "", "gbak:writing data\ngbak:closing file, committing, and finishing. 1024 bytes written\n"};
  io::StreamFacts facts{1024, {0, 2, 4, 10}, true};

  int Judge() const {
    JudgeFirebirdDump(end, facts, "db");
    return 0;
  }
};

TEST(FirebirdDumpJudgeTest, AWholeDumpPasses) { EXPECT_NO_THROW(Ending().Judge()); }

TEST(FirebirdDumpJudgeTest, AnErrorLineCountsMoreThanExitStatus0) {
  Ending ending;
  ending.end.errors += "gbak: ERROR:internal Firebird consistency check\n";
  EXPECT_ERROR(ending.Judge(), ErrorKind::kCorrupt, HasSubstr("consistency check"));
}

TEST(FirebirdDumpJudgeTest, ASignalIsTransient) {
  Ending ending;
  ending.end.exit_status = -1;
  ending.end.signal = 9;
  EXPECT_ERROR(ending.Judge(), ErrorKind::kTransient, HasSubstr("signal 9"));
}

TEST(FirebirdDumpJudgeTest, AnExitStatusWithoutAnErrorLineIsAFailure) {
  Ending ending;
  ending.end.exit_status = 1;
  EXPECT_ERROR(ending.Judge(), ErrorKind::kPermanent, HasSubstr("exit status 1"));
}

TEST(FirebirdDumpJudgeTest, WithoutGbaksWordThatItHasFinishedItIsNotWhole) {
  Ending ending;
  ending.end.errors = "gbak:writing data\n";
  EXPECT_ERROR(ending.Judge(), ErrorKind::kCorrupt, HasSubstr("not whole"));
}

TEST(FirebirdDumpJudgeTest, EachByteThatGbakWroteMustHaveCome) {
  Ending ending;
  ending.facts.bytes = 1023;
  EXPECT_ERROR(ending.Judge(), ErrorKind::kCorrupt, HasSubstr("gbak wrote 1024 bytes, 1023 came"));
}

TEST(FirebirdDumpJudgeTest, ItBeginsAsABackupDoes) {
  Ending ending;
  ending.facts.head = {'g', 'b', 'a', 'k'};
  EXPECT_ERROR(ending.Judge(), ErrorKind::kCorrupt, HasSubstr("begin"));
  ending.facts.head = {};
  EXPECT_ERROR(ending.Judge(), ErrorKind::kCorrupt, HasSubstr("begin"));
}

TEST(FirebirdDumpJudgeTest, TheNumberOfBytesIsReadFromTheLastLineOnly) {
  EXPECT_EQ(BytesThatGbakWrote("gbak:writing data for table finishing. 7 bytes\n"
                               "gbak:closing file, committing, and finishing. 16007680 bytes written\n"),
            16007680U);
  EXPECT_EQ(BytesThatGbakWrote("finishing. x bytes"), std::nullopt);
  EXPECT_EQ(BytesThatGbakWrote("finishing. 99999999999999999999999 bytes"), std::nullopt);
  EXPECT_EQ(BytesThatGbakWrote("finishing. 12"), std::nullopt);
  EXPECT_EQ(BytesThatGbakWrote(""), std::nullopt);
}

TEST(FirebirdRestoreJudgeTest, ARestoreThatCameToItsEndPasses) {
  const io::ProcessEnd end{0, 0, "gbak:finishing, closing, and going home\n", ""};
  EXPECT_NO_THROW(JudgeFirebirdRestore(end, {}, "db"));
}

TEST(FirebirdRestoreJudgeTest, EverythingElseDoesNot) {
  const auto judge = [](const io::ProcessEnd& end) { return JudgeFirebirdRestore(end, {}, "db"), 0; };
  const std::string home = "gbak:finishing, closing, and going home\n";
  EXPECT_ERROR(judge({0, 0, "gbak:restoring data\n", ""}), ErrorKind::kCorrupt, HasSubstr("end"));
  EXPECT_ERROR(judge({1, 0, home, ""}), ErrorKind::kPermanent, HasSubstr("exit status 1"));
  EXPECT_ERROR(judge({-1, 9, home, ""}), ErrorKind::kTransient, HasSubstr("signal 9"));
  // Firebird issue 7465: exit status 0 although an index could not be made.
  EXPECT_ERROR(judge({0, 0, home, "gbak: ERROR:cannot commit index IX; attempt to store duplicate value\n"}),
               ErrorKind::kCorrupt, HasSubstr("duplicate value"));
  EXPECT_ERROR(judge({1, 0, "\n\nERROR: Backup incomplete", ""}), ErrorKind::kCorrupt, HasSubstr("incomplete"));
}

}  // namespace
}  // namespace cofre::sources
