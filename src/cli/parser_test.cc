#include "cli/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/help.h"
#include "tests/support/expect_error.h"

namespace cofre::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Typed {
  std::string company;
  std::optional<std::string> year;
  std::vector<std::string> rest;
  std::string out = "none";
  bool all = false;
  bool json = false;
};

class ParserTest : public ::testing::Test {
 protected:
  std::vector<Command> Commands() {
    return {{.name = "backup",
             .summary = "Back up",
             .details = "",
             .examples = {{"cofre backup 1", "one"}},
             .arguments = {{"COMPANY", "tax number", &typed_.company}, {"YEAR", "a year", &typed_.year}},
             .options = {{"--all", "", "every one", &typed_.all}, {"--out", "FILE", "where to", &typed_.out}},
             .run = [](Session&) { return 1; }},
            {.name = "restic",
             .summary = "Run restic",
             .details = "",
             .arguments = {{"COMPANY", "", &typed_.company}, {"ARGS", "", &typed_.rest}},
             .run = [](Session&) { return 2; }},
            {.name = "server",
             .summary = "Servers",
             .details = "",
             .children = {{.name = "add",
                           .summary = "Add one",
                           .details = "",
                           .options = {{"--host", "HOST", "where", &typed_.out, true}},
                           .run = [](Session&) { return 3; }},
                          {.name = "list", .summary = "List", .details = "", .run = [](Session&) { return 4; }}}}};
  }
  std::vector<Option> Globals() { return {{"--json", "", "as JSON", &typed_.json}}; }

  ParsedCommand Do(const std::vector<std::string>& words) { return Parse(Commands(), Globals(), words); }

  Typed typed_;
};

TEST_F(ParserTest, ArgumentsAndOptionsGoWhereTheyBelongInAnyOrder) {
  EXPECT_TRUE(Do({"backup", "--out=x", "1", "--all", "2025"}).run);
  EXPECT_EQ(typed_.company, "1");
  EXPECT_EQ(typed_.year, "2025");
  EXPECT_EQ(typed_.out, "x");
  EXPECT_TRUE(typed_.all);
}

TEST_F(ParserTest, WhatIsNotGivenStaysAsItWas) {
  Do({"backup", "1"});
  EXPECT_EQ(typed_.year, std::nullopt);
  EXPECT_EQ(typed_.out, "none");
  EXPECT_FALSE(typed_.all);
}

TEST_F(ParserTest, GlobalOptionsStandBeforeOrBehindTheCommand) {
  Do({"--json", "backup", "1"});
  EXPECT_TRUE(typed_.json);
  typed_.json = false;
  Do({"server", "list", "--json"});
  EXPECT_TRUE(typed_.json);
}

TEST_F(ParserTest, BehindTwoDashesEverythingIsTheOtherProgramsOwn) {
  Do({"restic", "1", "--", "forget", "--json", "--keep-last", "1", "--"});
  EXPECT_THAT(typed_.rest, ElementsAre("forget", "--json", "--keep-last", "1", "--"));
  EXPECT_FALSE(typed_.json);
  Do({"restic", "1"});
}

TEST_F(ParserTest, HelpIsAskedForAtEachLevel) {
  EXPECT_THAT(Do({"--help"}).help, HasSubstr("Exit codes"));
  EXPECT_THAT(Do({}).help, HasSubstr("Exit codes"));
  EXPECT_THAT(Do({"server", "--help"}).help, AllOf(HasSubstr("add"), HasSubstr("Add one")));
  EXPECT_THAT(Do({"backup", "--help"}).help, HasSubstr("Usage: cofre backup [OPTIONS] COMPANY [YEAR]"));
  EXPECT_THAT(Do({"server", "add", "-h"}).help, HasSubstr("Usage: cofre server add --host HOST\n"));
}

TEST_F(ParserTest, WhatDoesNotFitIsRefusedByName) {
  EXPECT_ERROR(Do({"backup"}), ErrorKind::kUsage, HasSubstr("COMPANY"));
  EXPECT_ERROR(Do({"server", "add"}), ErrorKind::kUsage, HasSubstr("--host"));
  EXPECT_ERROR(Do({"server"}), ErrorKind::kUsage, HasSubstr("add, list"));
  EXPECT_ERROR(Do({"backup", "1", "2025", "more"}), ErrorKind::kUsage, HasSubstr("'more'"));
  EXPECT_ERROR(Do({"backup", "1", "--al"}), ErrorKind::kUsage, HasSubstr("'--al'"));
  EXPECT_ERROR(Do({"backup", "1", "--out"}), ErrorKind::kUsage, HasSubstr("--out"));
  EXPECT_ERROR(Do({"frob"}), ErrorKind::kUsage, HasSubstr("'frob'"));
}

TEST_F(ParserTest, AMistypedWordHasItsNearestKnownOneInTheHint) {
  const auto hint_of = [&](const std::vector<std::string>& words) -> std::string {
    try {
      Do(words);
    } catch (const Error& error) {
      return error.hint();
    }
    return "";
  };
  EXPECT_THAT(hint_of({"bakcup", "1"}), HasSubstr("'backup'"));
  EXPECT_THAT(hint_of({"server", "lst"}), HasSubstr("'list'"));
  EXPECT_THAT(hint_of({"backup", "1", "--jsn"}), HasSubstr("--json"));
}

TEST_F(ParserTest, TheManualHasAPageForEachCommandThatRuns) {
  const std::string manual = Manual(Commands(), Globals());
  EXPECT_THAT(manual, AllOf(HasSubstr("### cofre backup\n"), HasSubstr("### cofre server add\n"),
                            HasSubstr("### cofre server list\n"), HasSubstr("--host HOST  where (required)")));
}

}  // namespace
}  // namespace cofre::cli
