#include "base/text.h"

#include <gtest/gtest.h>

namespace cofre {
namespace {

TEST(TextTest, TrimmingTakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(Trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(Trimmed("  "), "");
  EXPECT_EQ(Trimmed(""), "");
}

TEST(TextTest, LowerCaseTouchesAsciiOnly) { EXPECT_EQ(AsciiLower("SÍ, Señor"), "sÍ, señor"); }

TEST(TextTest, QuotedTextCannotBreakALineOrATerminal) {
  EXPECT_EQ(Quoted("año"), "'año'");
  EXPECT_EQ(Quoted("a\n\x1B[31mb"), "'a??[31mb'");
  EXPECT_EQ(Quoted("a\xF1o"), "'a\xEF\xBF\xBDo'");
}

TEST(TextTest, QuotedTextIsBounded) {
  EXPECT_EQ(Quoted(std::string(80, 'x')), "'" + std::string(80, 'x') + "'");
  EXPECT_EQ(Quoted(std::string(1'000'000, 'x')), "'" + std::string(80, 'x') + "...'");
}

}  // namespace
}  // namespace cofre
