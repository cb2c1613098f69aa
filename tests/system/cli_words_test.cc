// Help, manual, completion: what the program says of itself.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class WordsTest : public ::testing::Test {
 protected:
  // Every command that runs, as words.
  static void Collect(const std::vector<cli::Command>& commands, const Words& before, std::vector<Words>& found) {
    for (const cli::Command& command : commands) {
      Words words = before;
      words.push_back(command.name);
      if (command.run) found.push_back(words);
      Collect(command.children, words, found);
    }
  }

  io::ProcessEnd Shell(const std::string& script) const {
    return io::RunProgram({.arguments = {"bash", "-c", script}, .environment = {}}, "",
                          {.stall = std::chrono::seconds(20), .total = std::chrono::seconds(20)}, SystemClock(), {});
  }

  Vault vault_;
};

TEST_F(WordsTest, EveryCommandHasHelpWithExamples) {
  std::vector<Words> commands;
  Collect(cli::AllCommands(), {}, commands);
  EXPECT_GT(commands.size(), 25U);
  for (Words& words : commands) {
    words.emplace_back("--help");
    EXPECT_THAT(vault_.Must(words), AllOf(HasSubstr("Usage: cofre "), HasSubstr("Examples:\n  ")));
  }
  EXPECT_THAT(vault_.Must({"--help"}), AllOf(HasSubstr("restore"), HasSubstr("Exit codes")));
}

TEST_F(WordsTest, TheManualInDocsIsThisProgramsOwn) {
  EXPECT_EQ(ReadFile(COFRE_PROJECT_FOLDER "/docs/cli.md", 1 << 20), vault_.Must({"manual"}))
      << "make it anew: cofre manual > docs/cli.md";
}

TEST_F(WordsTest, TheVersionIsToldAsAnyProgramTellsIt) {
  EXPECT_EQ(vault_.Must({"--version"}), vault_.Must({"version"}));
  EXPECT_THAT(vault_.Must({"--version"}), ::testing::StartsWith("cofre "));
}

TEST_F(WordsTest, EveryListIsJsonAlsoWhenItIsEmpty) {
  for (const Words& words : {Words{"server", "list"}, Words{"company", "list"}, Words{"database", "list"},
                             Words{"list"}, Words{"verify"}, Words{"prune", "--yes"}}) {
    EXPECT_EQ(vault_.Json(words), nlohmann::json::array()) << testing::PrintToString(words);
  }
  for (const Words& words : {Words{"config", "check"}, Words{"version"}, Words{"catalogue", "rebuild"}}) {
    EXPECT_TRUE(vault_.Json(words).is_object()) << testing::PrintToString(words);
  }
  EXPECT_TRUE(vault_.Json({"doctor"}).is_array());
  EXPECT_TRUE(vault_.Json({"store", "check"}).is_array());
}

TEST_F(WordsTest, DataOfEachCommandIsJson) {
  vault_.AddCompany("900869750", NoiseText(1000, 1));
  EXPECT_EQ(vault_.Json({"server", "show", "srv1"})["servidor"], "srv1");
  EXPECT_EQ(vault_.Json({"server", "set", "srv1", "--max-concurrent", "2"})["maximo_simultaneo"], 2);
  EXPECT_EQ(vault_.Json({"company", "set", "900869750", "--time", "23:30"})["hora_backup"], "23:30");
  EXPECT_EQ(vault_.Json({"company", "show", "900869750"})["bases"].size(), 1U);
  EXPECT_EQ(vault_.Json({"database", "show", "900869750", "2025"})["comando"][0], "cat");
  EXPECT_EQ(vault_.Json({"backup", "--all"})[0]["estado"], "hecha");
  EXPECT_EQ(vault_.Json({"forget", "900869750", "--dry-run"})[0]["se_conserva"], true);
  EXPECT_EQ(vault_.Json({"restore", "900869750/2025", vault_.File("x"), "--file"})["destino"], vault_.File("x"));
}

TEST_F(WordsTest, BashCompletesCommandsAndOptions) {
  const std::string load = "source <(" COFRE_PROGRAM
                           " completion bash); complete_words() { COMP_WORDS=(\"$@\"); "
                           "COMP_CWORD=$(($# - 1)); _cofre; printf '%s\\n' \"${COMPREPLY[@]}\"; }; ";
  EXPECT_EQ(Shell(load + "complete_words cofre ba").output, "backup\n");
  EXPECT_EQ(Shell(load + "complete_words cofre company im").output, "import\n");
  EXPECT_EQ(Shell(load + "complete_words cofre --config /x company add 900 --sp").output, "--space-limit\n");
  EXPECT_THAT(Shell(load + "complete_words cofre backup --y").output, HasSubstr("--year"));
}

TEST_F(WordsTest, ZshAndFishHaveScriptsToo) {
  EXPECT_THAT(vault_.Must({"completion", "zsh"}), HasSubstr("'backup:"));
  EXPECT_THAT(vault_.Must({"completion", "fish"}), HasSubstr("-a backup"));
  EXPECT_REFUSED(vault_.Run({"completion", "tcsh"}), 2, HasSubstr("bash, zsh, fish"));
}

}  // namespace
}  // namespace cofre::test
