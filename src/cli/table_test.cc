#include "cli/table.h"

#include <gtest/gtest.h>

namespace cofre::cli {
namespace {

TEST(TableTest, AlignsByCharactersNotBytes) {
  Table table({{"name"}, {"size", Align::kRight}, {"note"}});
  table.AddRow({"Peña", "1", "a"});
  table.AddRow({"Ana", "12345", ""});
  EXPECT_EQ(table.Format(),
            "name   size  note\n"
            "Peña      1  a\n"
            "Ana   12345\n");
}

TEST(TableTest, TitlesCountToo) {
  Table table({{"año fiscal", Align::kRight}, {"x"}});
  table.AddRow({"2025", "y"});
  EXPECT_EQ(table.Format(),
            "año fiscal  x\n"
            "      2025  y\n");
}

TEST(TableTest, ANameCannotMoveTheCursor) {
  Table table({{"name"}});
  table.AddRow({"a\x1b[2Jb\nc"});
  EXPECT_EQ(table.Format(), "name\na?[2Jb?c\n");
}

TEST(DisplayWidthTest, CountsWhatATerminalShows) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("ñandú"), 5U);
  EXPECT_EQ(DisplayWidth("n\u0303"), 1U);  // n with a combining tilde
  EXPECT_EQ(DisplayWidth("会社"), 4U);
  EXPECT_EQ(DisplayWidth("😀"), 2U);
}

TEST(DisplayWidthTest, BytesThatAreNoCharacterTakeOneEach) {
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2U);
  EXPECT_EQ(DisplayWidth("a\xc3"), 2U);
  EXPECT_EQ(DisplayWidth("\xc3z"), 2U);
}

TEST(FormatFieldsTest, PutsValuesBelowEachOther) {
  EXPECT_EQ(FormatFields({{"a", "1"}, {"año", "2"}, {"b", ""}}),
            "a:   1\n"
            "año: 2\n"
            "b:\n");
}

}  // namespace
}  // namespace cofre::cli
