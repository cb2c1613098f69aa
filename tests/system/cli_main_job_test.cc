// The main job on real Firebird databases (embedded engine), each command once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class MainJobTest : public ::testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_FIREBIRD_TOOLS();
    database_ = vault_.File("Año 2025 'contab'.fdb");
    CreateCompany(database_);
    vault_.Must({"server", "add", "local"});
    vault_.Must({"company", "add", "900.869.750-0", "--name", "Ferretería Peña", "--server", "local"});
    vault_.Must({"database", "add", "900869750", "2025", "--path", database_});
  }

  Vault vault_;
  std::string database_;
};

TEST_F(MainJobTest, ADatabaseGoesAndComesBack) {
  const std::string before = Fingerprint(database_);
  const std::string table = vault_.Must({"backup", "900869750"});
  EXPECT_THAT(table, AllOf(HasSubstr("Ferretería Peña"), HasSubstr("2025"), HasSubstr(" ok\n")));

  LiveADay(database_);
  EXPECT_NE(Fingerprint(database_), before);
  const auto list = vault_.Json({"list", "900869750"});
  ASSERT_EQ(list.size(), 1U);
  const std::string id = list[0]["respaldo"];

  vault_.Must({"restore", id.substr(0, 6), vault_.File("restored.fdb")});
  EXPECT_EQ(Fingerprint(vault_.File("restored.fdb")), before);

  // The same database, replaced by what it was.
  vault_.Must({"restore", "900869750/2025", database_, "--replace"});
  EXPECT_EQ(Fingerprint(database_), before);
}

TEST_F(MainJobTest, ThePlainDumpIsOneThatGbakRestores) {
  const std::string before = Fingerprint(database_);
  vault_.Must({"backup", "900869750", "--year", "2025"});
  vault_.Must({"restore", "900869750/2025", vault_.File("plain.fbk")});
  const auto gbak =
      io::RunProgram({.arguments = {"gbak", "-c", vault_.File("plain.fbk"), vault_.File("by-hand.fdb")},
                      .environment = {{"ISC_USER", Secret("SYSDBA")}}},
                     "", {.stall = std::chrono::seconds(60), .total = std::chrono::seconds(60)}, SystemClock(), {});
  EXPECT_TRUE(gbak.ok()) << gbak.errors;
  EXPECT_EQ(Fingerprint(vault_.File("by-hand.fdb")), before);

  const io::ProcessEnd stream = vault_.Run({"restore", "900869750/2025", "-", "--quiet"});
  EXPECT_EQ(stream.exit_status, 0);
  EXPECT_EQ(stream.errors, "");
}

TEST_F(MainJobTest, TheNextDayAddsLittle) {
  Fatten(database_, 2);
  const auto first = vault_.Json({"backup", "900869750"})[0];
  LiveADay(database_);
  const auto second = vault_.Json({"backup", "900869750"})[0];
  EXPECT_LT(second["bytes_nuevos"], first["bytes_volcado"].get<uint64_t>() / 2);
}

TEST_F(MainJobTest, VerifyPruneAndForgetWorkOnWhatIsThere) {
  vault_.Must({"backup", "900869750", "--pin", "2199-12-31"});
  LiveADay(database_);
  vault_.Must({"backup", "900869750"});
  EXPECT_EQ(vault_.Json({"verify", "--read-data"})[0]["estado"], "bien");
  for (const auto& backup : vault_.Json({"list"})) EXPECT_FALSE(backup["verificado"].is_null());

  EXPECT_THAT(vault_.Must({"forget", "900869750", "--dry-run"}), HasSubstr("pinned"));
  vault_.Must({"forget", "--backup", vault_.Json({"list"})[1]["respaldo"], "--yes"});
  EXPECT_EQ(vault_.Json({"list"}).size(), 1U);
  EXPECT_EQ(vault_.Json({"prune", "--yes"}).size(), 1U);
  EXPECT_THAT(vault_.Must({"restic", "900869750", "--", "check", "--read-data"}), HasSubstr("no errors were found"));
}

TEST_F(MainJobTest, BucketAndRecoverySheetBringEverythingBack) {
  const std::string before = Fingerprint(database_);
  vault_.Must({"backup", "900869750"});
  const std::string sheet = vault_.Must({"key", "export"});
  const size_t at = sheet.find("\ncofre1 ");
  ASSERT_NE(at, std::string::npos);
  const std::string key = sheet.substr(at + 1, sheet.find('\n', at + 1) - at - 1);

  const std::string config = vault_.File("new/cofre.toml");
  const io::ProcessEnd init = vault_.Run(
      {"init", "--dir", vault_.File("new"), "--key", "-", "--store", "file:" + vault_.File("vault/store")}, key);
  EXPECT_EQ(init.exit_status, 0) << init.errors;
  vault_.Must({"--config", config, "catalogue", "rebuild"});
  for (const Words& words :
       {Words{"list"}, Words{"company", "list"}, Words{"server", "list"}, Words{"database", "list"}}) {
    Words elsewhere{"--config", config};
    elsewhere.insert(elsewhere.end(), words.begin(), words.end());
    auto before_it = vault_.Json(words);
    auto after_it = vault_.Json(elsewhere);
    // That it was complete is known; the moment is that of its making, not that of its last look.
    for (auto* list : {&before_it, &after_it}) {
      for (auto& one : *list) {
        if (!one.contains("completo")) continue;
        EXPECT_FALSE(one["completo"].is_null());
        one["completo"] = nullptr;
      }
    }
    EXPECT_EQ(after_it, before_it);
  }
  vault_.Must({"--config", config, "restore", "900869750/2025", vault_.File("restored.fdb")});
  EXPECT_EQ(Fingerprint(vault_.File("restored.fdb")), before);
}

// What the recovery sheet says, done as it says, in a shell.
TEST_F(MainJobTest, TheRecoverySheetWorksWithResticAndOpensslAlone) {
  vault_.Must({"backup", "900869750"});
  vault_.Must({"restore", "900869750/2025", vault_.File("plain.fbk")});
  const std::string sheet = vault_.Must({"key", "export"});
  const size_t begin = sheet.find("    export RESTIC_PASSWORD");
  const size_t end = sheet.find("    gbak -c");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string script = "set -e; DIR='" + vault_.File("by-restic") + "'\n" + sheet.substr(begin, end - begin);
  std::string quoted = script;
  for (size_t at = quoted.find("--target DIR"); at != std::string::npos; at = quoted.find("--target DIR", at + 1)) {
    quoted.replace(at, 12, "--target \"$DIR\"");
  }
  const auto shell =
      io::RunProgram({.arguments = {"sh", "-c", quoted}, .environment = {}}, "",
                     {.stall = std::chrono::seconds(60), .total = std::chrono::seconds(60)}, SystemClock(), {});
  ASSERT_TRUE(shell.ok()) << shell.output << shell.errors;
  std::string restored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(vault_.File("by-restic"))) {
    if (entry.is_regular_file()) restored = entry.path().string();
  }
  EXPECT_TRUE(ReadFile(restored, 1 << 30) == ReadFile(vault_.File("plain.fbk"), 1 << 30));
}

TEST_F(MainJobTest, DoctorFindsEverythingInOrder) {
  vault_.Must({"backup", "900869750"});
  for (const auto& line : vault_.Json({"doctor"})) EXPECT_TRUE(line["bien"]) << line;
  EXPECT_THAT(vault_.Must({"doctor"}), AllOf(HasSubstr("gbak"), HasSubstr("server local")));
}

TEST_F(MainJobTest, AMissingGbakIsNamedByBackupAndDoctor) {
  std::string text = ReadFile(vault_.Config(), 1 << 20);
  const std::string_view table = "[firebird]\n";
  text.insert(text.find(table) + table.size(), "gbak = \"/nowhere/gbak\"\n");
  WriteFileAtomically(vault_.Config(), AsBytes(text), 0600);
  EXPECT_REFUSED(vault_.Run({"backup", "900869750"}), 1, HasSubstr("/nowhere/gbak"));
  const io::ProcessEnd doctor = vault_.Run({"doctor"});
  EXPECT_EQ(doctor.exit_status, 1);
  EXPECT_THAT(doctor.output, HasSubstr("FAIL  gbak"));
}

TEST_F(MainJobTest, DatabasesThatAreMissingOrEmptyAreSaidAndStored) {
  vault_.Must({"database", "add", "900869750", "2024", "--path", vault_.File("missing.fdb")});
  EXPECT_REFUSED(vault_.Run({"backup", "900869750", "--year", "2024"}), 3, HasSubstr("missing.fdb"));
  WriteFileAtomically(vault_.File("empty.fdb"), {}, 0660);
  vault_.Must({"database", "add", "900869750", "2023", "--path", vault_.File("empty.fdb")});
  EXPECT_REFUSED(vault_.Run({"backup", "900869750", "--year", "2023"}), 6, HasSubstr("empty.fdb"));

  // Of several, those that can be backed up are; the exit code is that of the failures.
  const io::ProcessEnd all = vault_.Run({"backup", "900869750", "--json"});
  EXPECT_EQ(all.exit_status, 1);
  const auto turns = nlohmann::json::parse(all.output);
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(turns[0]["error"], "corrupt");
  EXPECT_EQ(turns[1]["error"], "not_found");
  EXPECT_EQ(turns[2]["estado"], "hecha");
}

}  // namespace
}  // namespace cofre::test
