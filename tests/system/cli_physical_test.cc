// Databases that are copied page by page, as an operator registers, backs up and restores them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class PhysicalCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_FIREBIRD_TOOLS();
    CreateCompany(Base());
    vault_.Must({"server", "add", "local"});
    vault_.Must({"company", "add", kCompany, "--name", "Empresa", "--server", "local"});
    vault_.Must({"database", "add", kCompany, "2025", "--path", Base(), "--method", "physical"});
  }

  std::string Base() const { return vault_.File("contab.fdb"); }

  static constexpr const char* kCompany = "900869750";
  Vault vault_;
};

TEST_F(PhysicalCommandTest, ACopyIsBackedUpAndRestoredByWhatItIsNotByWhatTheDatabaseIsNow) {
  EXPECT_EQ(vault_.Json({"database", "show", kCompany, "2025"})["metodo"], "physical");
  vault_.Must({"backup", kCompany});
  EXPECT_THAT(vault_.Json({"list"})[0]["ruta"].get<std::string>(), EndsWith("/2025/contab.nbk"));
  EXPECT_THAT(vault_.Must({"restic", kCompany, "--", "--no-cache", "snapshots", "--json"}),
              HasSubstr("method=physical"));

  vault_.Must({"database", "set", kCompany, "2025", "--method", "logical"});
  vault_.Must({"restore", std::string(kCompany) + "/2025", vault_.File("restored.fdb")});
  EXPECT_EQ(Fingerprint(vault_.File("restored.fdb")), Fingerprint(Base()));
  const std::string plain = vault_.File("plain.nbk");
  vault_.Must({"restore", std::string(kCompany) + "/2025", plain});
  EXPECT_EQ(std::filesystem::file_size(plain), vault_.Json({"list"})[0]["bytes_volcado"].get<uint64_t>());

  vault_.Must({"backup", kCompany});
  EXPECT_THAT(vault_.Json({"list"})[0]["ruta"].get<std::string>(), EndsWith("/2025/contab.fbk"));
}

TEST_F(PhysicalCommandTest, ARebuiltCatalogueKnowsHowItIsRead) {
  vault_.Must({"backup", kCompany});
  std::filesystem::remove(vault_.File("vault/state/catalogue.db"));
  vault_.Must({"catalogue", "rebuild"});
  EXPECT_EQ(vault_.Json({"database", "show", kCompany, "2025"})["metodo"], "physical");
}

TEST_F(PhysicalCommandTest, ItIsTriedInADrill) {
  vault_.Must({"backup", kCompany});
  vault_.Must({"tick"});
  const auto backup = vault_.Json({"list"})[0];
  EXPECT_FALSE(backup["ensayado"].is_null());
  EXPECT_TRUE(backup["problema_ensayo"].is_null()) << backup;
}

TEST_F(PhysicalCommandTest, WhereItCannotBeDoneItIsRefused) {
  vault_.Must({"server", "add", "far", "--host", "10.0.0.5", "--user", "SYSDBA"});
  vault_.Must({"company", "add", "900000001", "--name", "Otra", "--server", "far"});
  EXPECT_REFUSED(vault_.Run({"database", "add", "900000001", "2025", "--path", "/x.fdb", "--method", "physical"}),
                 cli::kExitUsage, AllOf(HasSubstr("lie on 10.0.0.5"), HasSubstr("--method logical")));
  EXPECT_REFUSED(vault_.Run({"database", "set", kCompany, "2025", "--method", "nbackup"}), cli::kExitUsage,
                 HasSubstr("physical is nbackup"));
}

}  // namespace
}  // namespace cofre::test
