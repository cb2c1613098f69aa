// What people and machines do wrong: a clear message, the documented exit code, nothing lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>

#include "cli/exit_code.h"
#include "tests/support/s3_bucket.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using cli::kExitAuth;
using cli::kExitCorrupt;
using cli::kExitNotFound;
using cli::kExitPermanent;
using cli::kExitQuota;
using cli::kExitUsage;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCompany = "900869750";

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest() { vault_.AddCompany(kCompany, NoiseText(300'000, 1)); }

  Vault vault_;
};

TEST_F(BadInputTest, AnUnknownCompany) {
  EXPECT_REFUSED(vault_.Run({"backup", "999999999"}), kExitNotFound, HasSubstr("999999999"));
  EXPECT_REFUSED(vault_.Run({"list", "999999999"}), kExitNotFound, HasSubstr("999999999"));
  EXPECT_REFUSED(vault_.Run({"verify", "999999999"}), kExitNotFound, HasSubstr("999999999"));
}

TEST_F(BadInputTest, ATaxNumberWithLetters) {
  EXPECT_REFUSED(vault_.Run({"company", "add", "9008A9750", "--server", "srv1"}), kExitUsage, HasSubstr("9008A9750"));
  EXPECT_REFUSED(vault_.Run({"backup", "../../etc"}), kExitUsage, HasSubstr("../../etc"));
}

TEST_F(BadInputTest, ADuplicate) {
  EXPECT_REFUSED(vault_.Run({"company", "add", "900.869.750", "--server", "srv1"}), kExitUsage, HasSubstr(kCompany));
  EXPECT_REFUSED(vault_.Run({"database", "add", kCompany, "2025", "--", "cat", "x"}), kExitUsage, HasSubstr("2025"));
  EXPECT_REFUSED(vault_.Run({"server", "add", "srv1"}), kExitUsage, HasSubstr("srv1"));
}

TEST_F(BadInputTest, AYearOfFiveDigits) {
  EXPECT_REFUSED(vault_.Run({"database", "add", kCompany, "20255", "--path", "x"}), kExitUsage, HasSubstr("20255"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany, "--year", "20255"}), kExitUsage, HasSubstr("20255"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany, "--year", "2019"}), kExitNotFound, HasSubstr("2019"));
}

TEST_F(BadInputTest, WordsThatDontExist) {
  EXPECT_REFUSED(vault_.Run({"bakup", kCompany}), kExitUsage, AllOf(HasSubstr("bakup"), HasSubstr("'backup'")));
  EXPECT_REFUSED(vault_.Run({"company", "ad"}), kExitUsage, HasSubstr("'add'"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany, "--yaer", "2025"}), kExitUsage, HasSubstr("--year"));
  EXPECT_REFUSED(vault_.Run({"company"}), kExitUsage, HasSubstr("add, set, show"));
  EXPECT_REFUSED(vault_.Run({"backup"}), kExitUsage, HasSubstr("--all"));
  EXPECT_REFUSED(vault_.Run({"restore", "abcd"}), kExitUsage, HasSubstr("TARGET"));
  EXPECT_REFUSED(vault_.Run({"list", kCompany, "more"}), kExitUsage, HasSubstr("more"));
}

TEST_F(BadInputTest, APinInThePastOrOnNoDay) {
  EXPECT_REFUSED(vault_.Run({"backup", kCompany, "--pin", "2020-01-01"}), kExitUsage, HasSubstr("--pin"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany, "--pin", "2027-02-30"}), kExitUsage, HasSubstr("2027-02-30"));
}

TEST_F(BadInputTest, NoConfigurationAndOneWithAMistake) {
  EXPECT_REFUSED(vault_.Run({"--config", vault_.File("none.toml"), "list"}), kExitNotFound, HasSubstr("cofre init"));
  WriteFileAtomically(vault_.File("bad.toml"), AsBytes("almacenn = 1\n" + ReadFile(vault_.Config(), 1 << 20)), 0600);
  EXPECT_REFUSED(vault_.Run({"--config", vault_.File("bad.toml"), "config", "check"}), kExitUsage,
                 AllOf(HasSubstr("bad.toml:1"), HasSubstr("almacenn"), HasSubstr("'almacen'")));
}

TEST_F(BadInputTest, InitWritesNothingOver) {
  const std::string key = ReadFile(vault_.File("vault/master.key"), 4096);
  EXPECT_REFUSED(vault_.Run({"init", "--dir", vault_.File("vault")}), kExitUsage, HasSubstr("cofre.toml"));
  std::filesystem::remove(vault_.Config());
  EXPECT_REFUSED(vault_.Run({"init", "--dir", vault_.File("vault")}), kExitUsage, HasSubstr("master.key"));
  EXPECT_EQ(ReadFile(vault_.File("vault/master.key"), 4096), key);
}

TEST_F(BadInputTest, AMasterKeyThatIsOpenWrongOrAnotherOne) {
  const std::string key = vault_.File("vault/master.key");
  vault_.Must({"backup", kCompany});
  chmod(key.c_str(), 0644);
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitAuth, HasSubstr("chmod 600"));
  chmod(key.c_str(), 0600);

  const std::string text = ReadFile(key, 4096);
  std::string mistyped = text;
  mistyped[9] = mistyped[9] == '1' ? '2' : '1';
  WriteFileAtomically(key, AsBytes(mistyped), 0600);
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitAuth, HasSubstr("group 1"));

  const Vault other;
  WriteFileAtomically(key, AsBytes(ReadFile(other.File("vault/master.key"), 4096)), 0600);
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitAuth, HasSubstr("srv1/900869750"));
  EXPECT_REFUSED(vault_.Run({"restore", "900869750/2025", vault_.File("x")}), kExitAuth, HasSubstr("srv1/900869750"));
  EXPECT_FALSE(std::filesystem::exists(vault_.File("x")));

  WriteFileAtomically(key, AsBytes(text), 0600);
  vault_.Must({"verify", "--read-data"});
}

TEST_F(BadInputTest, ARestoreOntoSomethingThatExists) {
  vault_.Must({"backup", kCompany});
  WriteFileAtomically(vault_.File("precious"), AsBytes("precious"), 0600);
  for (const Words& how : {Words{"--file"}, Words{}}) {
    Words words{"restore", "900869750/2025", vault_.File("precious")};
    words.insert(words.end(), how.begin(), how.end());
    EXPECT_REFUSED(vault_.Run(words), kExitUsage, AllOf(HasSubstr("precious"), HasSubstr("--replace")));
  }
  EXPECT_EQ(ReadFile(vault_.File("precious"), 100), "precious");
  vault_.Must({"restore", "900869750/2025", vault_.File("precious"), "--file", "--replace"});
  EXPECT_TRUE(ReadFile(vault_.File("precious"), 1 << 20) == NoiseText(300'000, 1));
}

TEST_F(BadInputTest, ABackupThatIsNotThere) {
  EXPECT_REFUSED(vault_.Run({"restore", "abcd1234", vault_.File("x")}), kExitNotFound, HasSubstr("abcd1234"));
  EXPECT_REFUSED(vault_.Run({"restore", "zz", vault_.File("x")}), kExitUsage, HasSubstr("zz"));
  EXPECT_REFUSED(vault_.Run({"restore", "900869750/2025", vault_.File("x")}), kExitNotFound, HasSubstr("no backup"));
}

TEST_F(BadInputTest, ABadRowInACsvFileImportsNothing) {
  WriteFileAtomically(vault_.File("c.csv"),
                      AsBytes("empresa,nombre,servidor,anio_fiscal,base\n"
                              "800111222,Uno,srv2,2025,/a.fdb\n"
                              "800111333,Dos,srv2,20255,/b.fdb\n"),
                      0600);
  vault_.Must({"server", "add", "srv2"});
  EXPECT_REFUSED(vault_.Run({"company", "import", vault_.File("c.csv")}), kExitUsage,
                 AllOf(HasSubstr("row 3"), HasSubstr("anio_fiscal"), HasSubstr("nothing imported")));
  EXPECT_EQ(vault_.Json({"company", "list"}).size(), 1U);
  EXPECT_REFUSED(vault_.Run({"company", "import", vault_.File("none.csv")}), kExitNotFound, HasSubstr("none.csv"));
}

TEST_F(BadInputTest, ADumpThatFailsHalfWay) {
  vault_.Must({"database", "set", kCompany, "2025", "--", "sh", "-c", "echo some; echo 'no more' >&2; exit 3"});
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitPermanent, HasSubstr("no more"));
  vault_.Must({"database", "set", kCompany, "2025", "--", "/nowhere/program"});
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitPermanent, HasSubstr("/nowhere/program"));
  vault_.Must({"database", "set", kCompany, "2025", "--", "sh", "-c", "echo some; kill -9 $$"});
  EXPECT_EQ(vault_.Run({"backup", kCompany}).exit_status == 0, false);
  EXPECT_EQ(vault_.Json({"list"}).size(), 0U);
}

TEST_F(BadInputTest, AnUnchangedDumpCostsOneSmallObject) {
  vault_.Must({"backup", kCompany});
  const auto again = vault_.Json({"backup", kCompany})[0];
  EXPECT_TRUE(again["sin_cambios"]);
  EXPECT_LT(again["bytes_agregados"], 1000);
}

TEST_F(BadInputTest, ASpaceLimit) {
  vault_.Must({"backup", kCompany});
  vault_.Must({"company", "set", kCompany, "--space-limit", "0.0001"});
  vault_.SetDump(kCompany, NoiseText(300'000, 2));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitQuota,
                 AllOf(HasSubstr(kCompany), HasSubstr("KiB"), HasSubstr("--space-limit")));
  EXPECT_EQ(vault_.Json({"list"}).size(), 1U);
}

TEST_F(BadInputTest, DamageInTheStoreIsFoundAndSaid) {
  vault_.Must({"backup", kCompany});
  auto packs = vault_.Objects(kCompany, "data");
  // The dump's pack first: it is larger than the trees', which the plain verify reads too.
  std::ranges::sort(packs, std::greater{}, [](const auto& pack) { return std::filesystem::file_size(pack); });
  std::string body = ReadFile(packs[0].string(), 1 << 30);
  const std::string whole = body;
  body[body.size() / 2] = static_cast<char>(body[body.size() / 2] ^ 1);
  WriteFileAtomically(packs[0].string(), AsBytes(body), 0600);
  EXPECT_EQ(vault_.Run({"verify"}).exit_status, 0);  // sizes alone
  EXPECT_REFUSED(vault_.Run({"verify", "--read-data"}), kExitCorrupt, HasSubstr(packs[0].filename().string()));

  std::filesystem::remove(packs[0]);
  EXPECT_REFUSED(vault_.Run({"verify"}), kExitCorrupt, HasSubstr(packs[0].filename().string()));
  EXPECT_REFUSED(vault_.Run({"prune", "--yes"}), kExitCorrupt, Not(HasSubstr("unexpected")));
  EXPECT_EQ(vault_.Run({"restore", "900869750/2025", vault_.File("x"), "--file"}).exit_status, kExitCorrupt);
  EXPECT_FALSE(std::filesystem::exists(vault_.File("x")));
  WriteFileAtomically(packs[0].string(), AsBytes(whole), 0600);

  const auto index = vault_.Objects(kCompany, "index").at(0);
  const std::string index_body = ReadFile(index.string(), 1 << 20);
  WriteFileAtomically(index.string(), AsBytes(index_body.substr(0, index_body.size() / 2)), 0600);
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitCorrupt, HasSubstr(index.filename().string()));
  WriteFileAtomically(index.string(), AsBytes(index_body), 0600);
  vault_.Must({"verify", "--read-data"});
}

TEST_F(BadInputTest, AStoreThatIsGoneIsNoEmptyOne) {
  vault_.Must({"backup", kCompany});
  std::filesystem::rename(vault_.File("vault/store"), vault_.File("elsewhere"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitNotFound, HasSubstr("vault/store"));
  std::filesystem::create_directory(vault_.File("vault/store"));
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), kExitNotFound, HasSubstr("the catalogue has 1 backups"));
}

TEST_F(BadInputTest, OutputThatCannotBeWrittenIsNoSuccess) {
  const io::Command cofre = vault_.CommandFor({"list"});
  io::Command shell = cofre;
  shell.arguments = {"sh", "-c", "exec \"$0\" list > /dev/full", cofre.arguments[0]};
  const io::ProcessEnd end = io::RunProgram(
      shell, "", {.stall = std::chrono::seconds(20), .total = std::chrono::seconds(20)}, SystemClock(), {});
  EXPECT_EQ(end.exit_status, kExitPermanent);
  EXPECT_THAT(end.errors, HasSubstr("standard output"));
}

TEST_F(BadInputTest, DeletingAsksAndWithoutAPersonNeedsYes) {
  vault_.Must({"backup", kCompany});
  EXPECT_REFUSED(vault_.Run({"company", "remove", kCompany}), kExitUsage, HasSubstr("--yes"));
  EXPECT_REFUSED(vault_.Run({"prune"}), kExitUsage, HasSubstr("--yes"));
  EXPECT_REFUSED(vault_.Run({"server", "remove", "srv1", "--yes"}), kExitUsage, HasSubstr("srv1"));
  const std::string id = vault_.Json({"list"})[0]["respaldo"];
  EXPECT_REFUSED(vault_.Run({"forget", "--backup", id, "--yes"}), kExitUsage, HasSubstr("no backup of 2025"));
  vault_.Must({"company", "remove", kCompany, "--yes"});
  EXPECT_EQ(vault_.Json({"company", "list"}).size(), 0U);

  // Its backups are still there.
  vault_.Must({"catalogue", "rebuild"});
  EXPECT_EQ(vault_.Json({"list"})[0]["respaldo"], id);
  vault_.Must({"company", "remove", kCompany, "--purge", "--yes"});
  vault_.Must({"catalogue", "rebuild"});
  EXPECT_EQ(vault_.Json({"company", "list"}).size(), 0U);
}

class S3BadInputTest : public ::testing::Test {
 protected:
  void SetUp() override { COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT"); }

  static std::vector<std::pair<std::string, std::string>> Keys(const std::string& secret = "") {
    return {{"AWS_ACCESS_KEY_ID", Setting("COFRE_TEST_S3_ACCESS_KEY")},
            {"AWS_SECRET_ACCESS_KEY", secret.empty() ? Setting("COFRE_TEST_S3_SECRET_KEY") : secret}};
  }
};

TEST_F(S3BadInputTest, ARealBucketWorks) {
  Vault vault(S3Bucket().Url() + "/some/prefix", Keys());
  vault.AddCompany(kCompany, NoiseText(300'000, 1));
  vault.Must({"store", "check"});
  vault.Must({"backup", kCompany});
  vault.Must({"restore", "900869750/2025", vault.File("x"), "--file"});
  EXPECT_TRUE(ReadFile(vault.File("x"), 1 << 20) == NoiseText(300'000, 1));
  EXPECT_THAT(vault.Must({"restic", kCompany, "--", "--no-cache", "check", "--read-data"}), HasSubstr("no errors"));
}

TEST_F(S3BadInputTest, AWrongSecretIsAuthAndSaysBucketButNoSecret) {
  const S3Bucket bucket;
  Vault vault(bucket.Url(), Keys("a-wrong-secret"));
  vault.AddCompany(kCompany, "x");
  EXPECT_REFUSED(vault.Run({"backup", kCompany}), kExitAuth,
                 AllOf(HasSubstr(bucket.name()), Not(HasSubstr("a-wrong-secret"))));
  const io::ProcessEnd check = vault.Run({"store", "check"});
  EXPECT_EQ(check.exit_status, kExitPermanent);
  EXPECT_THAT(check.output, HasSubstr("FAIL"));
}

// Not "not found", as a missing repository is: that would be made.
TEST_F(S3BadInputTest, AMissingBucketIsSaid) {
  Vault vault("s3:" + Setting("COFRE_TEST_S3_ENDPOINT") + "/no-such-bucket-here", Keys());
  vault.AddCompany(kCompany, "x");
  EXPECT_REFUSED(vault.Run({"backup", kCompany}), kExitPermanent, HasSubstr("no-such-bucket-here"));
  EXPECT_NE(vault.Run({"store", "check"}).exit_status, 0);
}

}  // namespace
}  // namespace cofre::test
