#include "cli/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::cli {
namespace {

using ::testing::HasSubstr;

TEST(ManPageTest, TextIsShownAsItIs) {
  EXPECT_EQ(EscapeRoff("--year 2025"), "\\-\\-year 2025\n");
  EXPECT_EQ(EscapeRoff("C:\\data\n.hidden\n'quoted'\n"), "C:\\edata\n\\&.hidden\n\\&'quoted'\n");
}

TEST(ManPageTest, HasEachCommandThatRuns) {
  const std::vector<Command> commands = {
      {.name = "one", .summary = "First", .details = ""},
      {.name = "group",
       .summary = "Group",
       .details = "",
       .children = {{.name = "two", .summary = "Second", .details = ""}}},
  };
  const std::string page = ManPage(commands, {});
  EXPECT_THAT(page, HasSubstr(".SS cofre one\n"));
  EXPECT_THAT(page, HasSubstr(".SS cofre group two\n"));
}

}  // namespace
}  // namespace cofre::cli
