#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace cofre {
namespace {

class LogTest : public testing::Test {
 protected:
  void TearDown() override { SetLogLevel(LogLevel::kInfo); }

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

}  // namespace
}  // namespace cofre
