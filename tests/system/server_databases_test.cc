// Databases that live on a PostgreSQL or MariaDB server, through the program: registered, found, backed up, restored,
// drilled.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/exit_code.h"
#include "tests/support/mariadb_database.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::HasSubstr;

struct PostgresqlKind {
  static constexpr const char* kEngine = "postgresql";
  static constexpr const char* kServer = "COFRE_TEST_POSTGRESQL";
  static constexpr const char* kExtension = ".pgdump";
  static constexpr const char* kChange = "UPDATE parties SET balance = balance + 1 WHERE id = 7";
  static constexpr const char* kAsked = "postgres";
  static constexpr const char* kListing = "SELECT '900000002;2025;' || datname FROM pg_database WHERE datname = '{}'";
  static constexpr const char* kDrills = "SELECT datname FROM pg_database WHERE datname LIKE 'cofre-drill-{}-%'";
  static constexpr const char* kRestoreTool = "pg_restore";
  static constexpr const char* kFake = "#!/bin/sh\npg_restore \"$@\"\nexit 1\n";
  static PostgresqlServer Server() { return TestPostgresqlServer(); }
};

struct MariadbKind {
  static constexpr const char* kEngine = "mariadb";
  static constexpr const char* kServer = "COFRE_TEST_MARIADB";
  static constexpr const char* kExtension = ".sql";
  static constexpr const char* kChange = "UPDATE parties SET balance = balance + 1 WHERE id = 7";
  static constexpr const char* kAsked = "information_schema";
  static constexpr const char* kListing =
      "SELECT CONCAT_WS(';', 900000002, 2025, SCHEMA_NAME) FROM SCHEMATA WHERE SCHEMA_NAME = '{}'";
  static constexpr const char* kDrills = "SELECT SCHEMA_NAME FROM SCHEMATA WHERE SCHEMA_NAME LIKE 'cofre-drill-{}-%'";
  static constexpr const char* kRestoreTool = "mariadb";
  // What asks has no column names; what loads a dump does.
  static constexpr const char* kFake =
      "#!/bin/sh\nmariadb \"$@\" || exit\ncase \"$*\" in *skip-column-names*) exit 0;; esac\nexit 1\n";
  static MariadbServer Server() { return TestMariadbServer(); }
};

template <typename Kind>
class ServerDatabasesTest : public ::testing::Test {
 protected:
  using TestServer = decltype(Kind::Server());

  void SetUp() override {
    COFRE_REQUIRE_SERVER(Kind::kServer);
    server_ = std::make_unique<TestServer>(Kind::Server());
    vault_ = std::make_unique<Vault>();
    server_->CreateCompany(database_);
    vault_->Must({"server", "add", "remoto", "--engine", Kind::kEngine, "--host", server_->host, "--port",
                  std::to_string(server_->port), "--user", server_->user, "--password-file", server_->password_file});
    vault_->Must({"company", "add", company_, "--name", "Ferretería Peña", "--server", "remoto"});
    vault_->Must({"database", "add", company_, "2025", "--path", database_});
  }

  void TearDown() override {
    if (server_ == nullptr) return;
    server_->Drop(database_);
    server_->Drop(restored_);
  }

  // What is left of its own drills: other tests drill on the same server.
  std::string Drills() const { return server_->Sql(Kind::kAsked, fmt::format(Kind::kDrills, company_)); }

  const std::string company_ = fmt::format("9{:08}", getpid());
  const std::string database_ = fmt::format("cofre-system-{} año", getpid());
  const std::string restored_ = database_ + " new";
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<Vault> vault_;
};

using Kinds = ::testing::Types<PostgresqlKind, MariadbKind>;
TYPED_TEST_SUITE(ServerDatabasesTest, Kinds);

TYPED_TEST(ServerDatabasesTest, ADatabaseGoesAndComesBackUnderANewName) {
  const std::string before = this->server_->Fingerprint(this->database_);
  const auto first = this->vault_->Json({"backup", this->company_, "--pin", "2199-12-31"})[0];
  this->server_->Sql(this->database_, TypeParam::kChange);
  const auto second = this->vault_->Json({"backup", this->company_})[0];
  EXPECT_LT(second["bytes_nuevos"], first["bytes_nuevos"].template get<uint64_t>() / 2);
  ASSERT_NE(this->server_->Fingerprint(this->database_), before);

  const std::string id = first["respaldo"];
  for (const Words& replace : {Words{}, Words{"--replace"}}) {
    Words words{"restore", id, this->database_};
    words.insert(words.end(), replace.begin(), replace.end());
    EXPECT_REFUSED(this->vault_->Run(words), cli::kExitUsage, HasSubstr("exists"));
  }
  this->vault_->Must({"restore", id, this->restored_});
  EXPECT_EQ(this->server_->Fingerprint(this->restored_), before);
}

TYPED_TEST(ServerDatabasesTest, ThePlainDumpIsAFileOfTheEnginesOwn) {
  this->vault_->Must({"backup", this->company_});
  const std::string file = this->vault_->File(std::string("plain") + TypeParam::kExtension);
  this->vault_->Must({"restore", this->company_ + "/2025", file});
  EXPECT_THAT(ReadFile(file, 1 << 20).substr(0, 200), ::testing::AnyOf(HasSubstr("PGDMP"), HasSubstr("MariaDB dump")));
}

TYPED_TEST(ServerDatabasesTest, AWrongPasswordIsSaidAndDoctorSaysItToo) {
  WriteFileAtomically(this->vault_->File("wrong"), AsBytes("wrong"), 0600);
  this->vault_->Must({"server", "set", "remoto", "--password-file", this->vault_->File("wrong")});
  EXPECT_EQ(this->vault_->Run({"backup", this->company_}).exit_status, cli::kExitAuth);
  EXPECT_THAT(this->vault_->Run({"doctor"}).output, HasSubstr("remoto"));
}

TYPED_TEST(ServerDatabasesTest, NewDatabasesAreFoundByAQuery) {
  std::string text = ReadFile(this->vault_->Config(), 1 << 20);
  text += fmt::format("\n[[descubrimiento]]\nservidor = \"remoto\"\nbase = \"{}\"\nconsulta = \"{}\"\n",
                      TypeParam::kAsked, fmt::format(fmt::runtime(TypeParam::kListing), this->database_));
  WriteFileAtomically(this->vault_->Config(), AsBytes(text), 0600);
  this->vault_->Must({"server", "discover", "remoto"});
  this->vault_->Must({"backup", "900000002"});
  EXPECT_EQ(this->vault_->Json({"list", "900000002"}).size(), 1U);
}

TYPED_TEST(ServerDatabasesTest, ABackupIsDrilledOnTheServerAndNothingOfItStays) {
  this->vault_->Must({"backup", this->company_});
  this->server_->Create("cofre-drill-" + this->company_ + "-2025");  // a drill that was killed has left it
  this->vault_->Must({"tick"});
  const auto drills = this->vault_->Json({"history", "--kind", "drill"});
  ASSERT_EQ(drills.size(), 1U);
  EXPECT_EQ(drills[0]["estado"], "done") << drills;
  EXPECT_EQ(this->Drills(), "");
}

TYPED_TEST(ServerDatabasesTest, ADrillThatFailsIsToldAndLeavesNothingEither) {
  this->vault_->Must({"backup", this->company_});
  // The tool loads it, and then says that it did not.
  const std::string tool = TypeParam::kRestoreTool;
  WriteFileAtomically(this->vault_->File("fake"), AsBytes(TypeParam::kFake), 0755);
  std::string text = ReadFile(this->vault_->Config(), 1 << 20);
  const std::string section = fmt::format("[{}]\n", TypeParam::kEngine);
  text.insert(text.find(section) + section.size(), fmt::format("{} = \"{}\"\n", tool, this->vault_->File("fake")));
  WriteFileAtomically(this->vault_->Config(), AsBytes(text), 0600);
  this->vault_->Must({"tick"});
  const auto drills = this->vault_->Json({"history", "--kind", "drill"});
  ASSERT_EQ(drills.size(), 1U);
  EXPECT_EQ(drills[0]["estado"], "failed") << drills;
  EXPECT_EQ(this->Drills(), "");
}

// As docs/operations.md says.
TEST(RolesTest, AreBackedUpBesideTheCompaniesAndRestoredBeforeThem) {
  COFRE_REQUIRE_SERVER(PostgresqlKind::kServer);
  const PostgresqlServer server = TestPostgresqlServer();
  const std::string database = fmt::format("cofre-roles-{}", getpid());
  const std::string role = database + "-owner";
  TemporaryFolder folder;
  WriteFileAtomically(folder.File("pgpass"), AsBytes("*:*:*:*:" + server.password.Reveal() + "\n"), 0600);
  Vault vault("", {{"PGPASSFILE", folder.File("pgpass")}});
  server.CreateCompany(database, 10);
  server.Sql(database, fmt::format("CREATE ROLE \"{0}\" LOGIN; ALTER TABLE parties OWNER TO \"{0}\";", role));
  const std::string port = std::to_string(server.port);
  vault.Must({"server", "add", "pg1", "--engine", "postgresql", "--host", server.host, "--port", port, "--user",
              server.user, "--password-file", server.password_file});
  vault.Must({"company", "add", "900000001", "--name", "Una", "--server", "pg1"});
  vault.Must({"database", "add", "900000001", "2026", "--path", database});
  vault.Must({"server", "add", "programs", "--engine", "command"});
  vault.Must({"company", "add", "100000001", "--name", "Roles", "--server", "programs"});
  vault.Must({"database", "add", "100000001", "2026", "--", "pg_dumpall", "--host", server.host, "--port", port,
              "--username", server.user, "--roles-only", "--no-role-passwords"});
  vault.Must({"backup", "--all"});

  // A server on which they are not.
  server.Drop(database);
  server.Sql("postgres", "DROP ROLE \"" + role + "\"");
  EXPECT_THAT(vault.Run({"restore", "900000001/2026", database}).errors, HasSubstr(role));
  const std::string roles = vault.Must({"restore", "100000001/2026", "-"});
  EXPECT_THAT(roles, ::testing::Not(HasSubstr("PASSWORD")));
  const size_t at = roles.find("CREATE ROLE \"" + role + "\"");
  ASSERT_NE(at, std::string::npos);
  server.Sql("postgres", roles.substr(at, roles.find('\n', at) - at));
  vault.Must({"restore", "900000001/2026", database});
  EXPECT_EQ(server.Sql(database, "SELECT tableowner FROM pg_tables WHERE tablename = 'parties'"), role + "\n");
  server.Drop(database);
  server.Sql("postgres", "DROP ROLE \"" + role + "\"");
}

}  // namespace
}  // namespace cofre::test
