// Several services on one PostgreSQL catalogue, as an operator runs them.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/exit_code.h"
#include "tests/support/eventually.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::HasSubstr;

class NodesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL");
    server_ = std::make_unique<PostgresqlServer>(TestPostgresqlServer());
    server_->Create(database_);
    vault_ = std::make_unique<Vault>(
        "", std::vector<std::pair<std::string, std::string>>{{"PGPASSWORD", std::string(server_->password.Reveal())}});
    for (const char* id : {"900000001", "900000002"}) {
      vault_->AddCompany(id, NoiseText(100'000, 1));
      vault_->Must({"company", "set", id, "--enabled", "no"});
    }
    const std::string url =
        fmt::format("postgresql://{}@{}:{}/{}", server_->user, server_->host, server_->port, database_);
    vault_->Must({"catalogue", "move", "--to", url});
    Replace(vault_->Config(), fmt::format("catalogo = \"{}\"", vault_->File("vault/state/catalogue.db")),
            fmt::format("catalogo = \"{}\"", url));
    std::filesystem::copy_file(vault_->Config(), SecondConfig());
    std::filesystem::create_directory(vault_->File("vault/state2"));
    Replace(SecondConfig(), vault_->File("vault/state"), vault_->File("vault/state2"));
    Replace(vault_->Config(), "[servicio]\n", "[servicio]\nnodo = \"n1\"\n");
    Replace(SecondConfig(), "[servicio]\n", "[servicio]\nnodo = \"n2\"\n");
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Drop(database_);
  }

  std::string SecondConfig() const { return vault_->File("vault/second.toml"); }
  auto StartFirst() const { return vault_->Start({"serve"}); }
  auto StartSecond() const { return vault_->Start({"--config", SecondConfig(), "serve"}); }
  // So many are there: what has been killed and not started again is not.
  bool NodesAre(size_t count) const {
    return Eventually([&] {
      const auto nodes = vault_->Json({"node", "list"});
      return static_cast<size_t>(
                 std::ranges::count_if(nodes, [](const auto& one) { return one["estado"] != "gone"; })) == count;
    });
  }
  std::string BackUp(const std::string& id) const { return vault_->Json({"backup", id})[0]["estado"]; }

  // As the first node of the next version does.
  void AddStep(const std::string& works_with) const {
    server_->Sql(database_,
                 "ALTER TABLE jobs ADD COLUMN of_the_next_version TEXT NOT NULL DEFAULT '';"
                 "ALTER TABLE companies ADD COLUMN of_the_next_version BIGINT;"
                 "INSERT INTO schema_versions (version, works_with) SELECT MAX(version) + 1, " +
                     works_with + " FROM schema_versions;");
  }

  static void Replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = ReadFile(file, 1 << 20);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in\n" << text;
    WriteFileAtomically(file, AsBytes(text.replace(at, from.size(), to)), 0600);
  }

  const std::string database_ = "cofre_nodes_" + std::to_string(getpid());
  std::unique_ptr<PostgresqlServer> server_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(NodesTest, ThoseOfTheVersionBeforeGoOnAndStartAgainBesideANewerCatalogue) {
  auto first = StartFirst();
  const auto second = StartSecond();
  ASSERT_TRUE(NodesAre(2));
  EXPECT_EQ(BackUp("900000001"), "hecha");
  AddStep("MAX(version)");
  EXPECT_EQ(BackUp("900000001"), "hecha");

  kill(first->pid(), SIGKILL);
  first->Wait();
  ASSERT_TRUE(NodesAre(1));
  first = StartFirst();
  ASSERT_TRUE(NodesAre(2));
  EXPECT_EQ(BackUp("900000002"), "hecha");
  vault_->Must({"company", "add", "900000003", "--name", "Nueva", "--server", "srv1"});
  for (const auto& node : {first.get(), second.get()}) kill(node->pid(), SIGTERM);
  EXPECT_EQ(first->Wait().exit_status, 0);
  EXPECT_EQ(second->Wait().exit_status, 0);
}

TEST_F(NodesTest, OneTooOldForTheCatalogueIsToldSoAndDoesNotStart) {
  AddStep("NULL");
  EXPECT_REFUSED(vault_->Run({"serve"}), cli::kExitPermanent, HasSubstr("install that version or a later one"));
}

}  // namespace
}  // namespace cofre::test
