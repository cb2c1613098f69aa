#include "base/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace cofre {
namespace {

class LogTest : public testing::Test {
 protected:
  void TearDown() override {
    SetLogLevel(LogLevel::kInfo);
    SetLogFormat(LogFormat::kText);
  }

  static std::string Logged(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    testing::internal::CaptureStderr();
    Log(level, event, fields);
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, AnEventIsOneLineWithTimeLevelNameAndFields) {
  const std::string line = Logged(LogLevel::kInfo, "backup done", {{"company", "900869750"}, {"bytes", "12"}});
  EXPECT_EQ(line.substr(20), " info backup done company=900869750 bytes=12\n");
  EXPECT_EQ(line[10], 'T');
  EXPECT_EQ(line[19], 'Z');
}

TEST_F(LogTest, ValuesWithBlanksAndQuotesAreQuoted) {
  const std::string line =
      Logged(LogLevel::kWarning, "e", {{"a", "x y"}, {"b", "say \"no\" \\"}, {"c", "k=v"}, {"d", ""}});
  EXPECT_EQ(line.substr(20), " warning e a=\"x y\" b=\"say \\\"no\\\" \\\\\" c=\"k=v\" d=\"\"\n");
}

TEST_F(LogTest, AHostileValueStaysOneLineAndCannotSteerATerminal) {
  const std::string line = Logged(LogLevel::kError, "e", {{"a", "x\nerror forged\r\t\x1b[2J\x7f"}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.substr(20), " error e a=\"x error forged   [2J \"\n");
}

TEST_F(LogTest, WordsOfManyBytesStayAsTheyAre) {
  EXPECT_EQ(Logged(LogLevel::kInfo, "e", {{"a", "peña"}}).substr(20), " info e a=peña\n");
}

TEST_F(LogTest, EventsBelowTheLevelAreDropped) {
  EXPECT_EQ(Logged(LogLevel::kDebug, "e", {}), "");
  SetLogLevel(LogLevel::kError);
  EXPECT_EQ(Logged(LogLevel::kWarning, "e", {}), "");
  SetLogLevel(LogLevel::kDebug);
  EXPECT_NE(Logged(LogLevel::kDebug, "e", {}), "");
}

TEST_F(LogTest, AsJsonAnEventIsOneObjectALine) {
  SetLogFormat(LogFormat::kJson);
  const std::string line =
      Logged(LogLevel::kWarning, "backup failed", {{"company", "900869750"}, {"error", "a \"b\"\n\xff"}});
  EXPECT_EQ(line.substr(0, 9), "{\"time\":\"");
  EXPECT_EQ(line.substr(line.find("\"level\"")),
            "\"level\":\"warning\",\"event\":\"backup failed\",\"company\":\"900869750\","
            "\"error\":\"a \\\"b\\\"\\u000a\xEF\xBF\xBD\"}\n");
}

TEST_F(LogTest, AValueWithoutEndIsCut) {
  EXPECT_LT(Logged(LogLevel::kInfo, "e", {{"a", std::string(1'000'000, 'x')}}).size(), 9000U);
}

// Whether standard error is the journal is found out once in a process, so each of these is one of its own.
void LogAsIfInTheJournal(bool is_ours) {
  struct stat status {};
  fstat(STDERR_FILENO, &status);
  const auto inode = static_cast<unsigned long>(status.st_ino) + (is_ours ? 0 : 1);
  setenv("JOURNAL_STREAM", (std::to_string(status.st_dev) + ":" + std::to_string(inode)).c_str(), 1);
  Log(LogLevel::kWarning, "e", {{"a", "b"}});
  std::exit(0);
}

TEST(LogJournalTest, TheJournalGetsItsOwnLevelAndNoTime) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(LogAsIfInTheJournal(true), testing::ExitedWithCode(0), "^<4>e a=b");
}

TEST(LogJournalTest, AnInheritedVariableIsNoJournal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(LogAsIfInTheJournal(false), testing::ExitedWithCode(0), "Z warning e a=b");
}

}  // namespace
}  // namespace cofre
