#include "catalogue/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::vector<std::string>> Cells(std::string_view text, const CsvLimits& limits = {}) {
  std::vector<std::vector<std::string>> cells;
  for (const CsvRow& row : ParseCsv(text, limits)) cells.push_back(row.cells);
  return cells;
}

std::string Refusal(std::string_view text, const CsvLimits& limits = {}) {
  try {
    ParseCsv(text, limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST(CsvTest, ReadsCommasAndSemicolons) {
  EXPECT_THAT(Cells("a,b\n1,2\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
  EXPECT_THAT(Cells("a;b\n1,5;2\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1,5", "2")));
  EXPECT_THAT(Cells("\"a,b,c\";d\n"), ElementsAre(ElementsAre("a,b,c", "d")));
}

TEST(CsvTest, ReadsEveryLineEndAndAMissingLastOne) {
  EXPECT_THAT(Cells("a,b\r\n1,2\r\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
  EXPECT_THAT(Cells("a,b\n1,"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "")));
  EXPECT_THAT(Cells("a,b\r1,2"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvTest, ReadsQuotedCells) {
  EXPECT_THAT(Cells("\"a,\"\"b\"\"\",\"\",\"x\ny\"\n"), ElementsAre(ElementsAre("a,\"b\"", "", "x\ny")));
}

TEST(CsvTest, ReadsAByteOrderMark) {
  EXPECT_THAT(Cells("\xEF\xBB\xBF"
                    "a,b\n"),
              ElementsAre(ElementsAre("a", "b")));
}

TEST(CsvTest, EmptyRowsAreLeftOutButCounted) {
  const auto rows = ParseCsv("a;b\n\n;\n1;2\n", {});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].number, 4U);
  EXPECT_TRUE(ParseCsv("", {}).empty());
  EXPECT_TRUE(ParseCsv("\n\r\n ; \n", {}).empty());
}

TEST(CsvTest, QuotesThatDoNotMatchAreRefusedWithTheirRow) {
  EXPECT_THAT(Refusal("a,b\n\"x,y\n"), HasSubstr("row 2 has a quote that doesn't end"));
  EXPECT_THAT(Refusal("a,b\nx\"y,z\n"), HasSubstr("row 2 has a quote in the middle of 'x\"y'"));
  EXPECT_THAT(Refusal("a,b\n\"x\"y,z\n"), HasSubstr("row 2 has text behind the quotes of 'x'"));
}

TEST(CsvTest, OtherEncodingsAreRefused) {
  EXPECT_THAT(Refusal("a,b\nA\xF1o,2\n"), HasSubstr("row 2 has the cell 'A\xEF\xBF\xBDo', which is not UTF-8"));
  EXPECT_THAT(Refusal(std::string_view("\xFF\xFE"
                                       "a\0,\0",
                                       6)),
              HasSubstr("UTF-16"));
}

TEST(CsvTest, SizesAreBounded) {
  const CsvLimits limits{.rows = 2, .columns = 2, .cell_bytes = 3};
  EXPECT_EQ(Refusal("a,b\nabc,\n", limits), "");
  EXPECT_THAT(Refusal("a,b\nc,d\n\ne,f\n", limits), HasSubstr("row 4 is one more than the 2"));
  EXPECT_THAT(Refusal("a,b,c\n", limits), HasSubstr("row 1 has more than 2 cells"));
  EXPECT_THAT(Refusal("a,abcd\n", limits), HasSubstr("row 1 has a cell of more than 3 bytes"));
}

}  // namespace
}  // namespace cofre::catalogue
