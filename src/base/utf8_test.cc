#include "base/utf8.h"

#include <gtest/gtest.h>

namespace cofre {
namespace {

TEST(Utf8Test, AcceptsCharactersOfEveryLength) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("CONTAB"));
  EXPECT_TRUE(IsValidUtf8("Ñandú €"));
  EXPECT_TRUE(IsValidUtf8("\xF0\x9F\x98\x80"));
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
}

TEST(Utf8Test, RefusesWhatRfc3629Refuses) {
  EXPECT_FALSE(IsValidUtf8("a\xF1o"));            // Latin-1
  EXPECT_FALSE(IsValidUtf8("\xC0\xAF"));          // overlong, two bytes
  EXPECT_FALSE(IsValidUtf8("\xE0\x80\xAF"));      // overlong, three
  EXPECT_FALSE(IsValidUtf8("\xF0\x80\x80\x80"));  // overlong, four
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(IsValidUtf8("\xE2\x82"));          // cut
  EXPECT_FALSE(IsValidUtf8("\x80"));              // begins in the middle
}

TEST(Utf8Test, BadBytesAreReplacedOneByOne) {
  EXPECT_EQ(ToValidUtf8("a\xF1o", 100), "a\xEF\xBF\xBDo");
  EXPECT_EQ(ToValidUtf8("\xE2\x82", 100), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ToValidUtf8("ñ", 100), "ñ");
}

TEST(Utf8Test, ACutNeverDividesACharacter) {
  EXPECT_EQ(ToValidUtf8("añb", 2), "a");
  EXPECT_EQ(ToValidUtf8("añb", 3), "añ");
  EXPECT_EQ(ToValidUtf8("\xFF\xFF", 4), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace cofre
