// The engines that the contract of sources is tried on.

#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "sources/firebird.h"
#include "sources/mariadb.h"
#include "sources/postgresql.h"
#include "tests/contract/source_contract.h"
#include "tests/support/firebird_company.h"
#include "tests/support/mariadb_database.h"
#include "tests/support/postgresql_database.h"

namespace cofre::sources {
namespace {

// Tests of several processes share a server, which may still hold what a test before had.
std::string OwnName() {
  static int worlds = 0;
  return fmt::format("cofre-contract-{}-{}", getpid(), ++worlds);
}

// What each engine's settings have in common.
template <typename Settings, typename TestServer>
Settings SettingsFor(const TestServer& server, const std::string& database, const SourceChanges& changes) {
  Settings settings;
  settings.server.host = changes.host.value_or(server.host);
  settings.server.port = changes.port.value_or(server.port);
  settings.server.user = server.user;
  settings.database = database;
  settings.password = changes.password.value_or(server.password);
  settings.limits = changes.limits;
  return settings;
}

class FirebirdWorld : public SourceWorld {
 public:
  ~FirebirdWorld() override {
    for (const std::string& path : {Database(), New()}) std::filesystem::remove(path);
  }

  std::string Database() const override { return server_.folder + "/" + name_ + ".fdb"; }
  std::string New() const override { return server_.folder + "/" + name_ + " new.fdb"; }
  std::unique_ptr<Source> Make(const SourceChanges& changes) const override {
    auto settings = SettingsFor<FirebirdSettings>(server_, Database(), changes);
    if (!changes.dump_program.empty()) settings.tools.gbak = changes.dump_program;
    return MakeFirebirdSource(settings, SystemClock());
  }
  void CreateCompany() const override {
    test::CreateCompany(Address(Database()), "0.001", password());
    Sql(Database(), "CREATE TABLE MOMENT (NOW INTEGER); COMMIT; INSERT INTO MOMENT VALUES (0); COMMIT;");
  }
  void Fatten(int megabytes) const override { test::Fatten(Address(Database()), megabytes, password()); }
  void Change() const override { Sql(Database(), "UPDATE MOMENT SET NOW = 1; DELETE FROM LINES; COMMIT;"); }
  int Moment(const std::string& database) const override {
    return std::stoi(Sql(database, "SET HEADING OFF; SELECT NOW FROM MOMENT;"));
  }
  bool Exists(const std::string& database) const override { return std::filesystem::exists(database); }
  std::string Fingerprint(const std::string& database) const override {
    return test::Fingerprint(Address(database), password());
  }
  void Disconnect() const override {
    Sql(Database(), "DELETE FROM MON$ATTACHMENTS WHERE MON$ATTACHMENT_ID <> CURRENT_CONNECTION; COMMIT;");
  }
  std::string DumpProgram() const override { return "gbak"; }
  const Secret& password() const override { return server_.password; }
  std::string SaysOfPassword() const override { return "password"; }
  std::string SaysOfNetwork() const override { return "network request"; }

 private:
  std::string Address(const std::string& database) const { return server_.Address(database); }
  std::string Sql(const std::string& database, const std::string& statements) const {
    return test::Sql(Address(database), statements, password());
  }

  const std::string name_ = OwnName();
  test::FirebirdServer server_ = test::TestFirebirdServer();
};

class PostgresqlWorld : public SourceWorld {
 public:
  ~PostgresqlWorld() override {
    for (const std::string& name : {Database(), New()}) server_.Drop(name);
  }

  std::string Database() const override { return name_; }
  std::string New() const override { return name_ + " new"; }
  std::unique_ptr<Source> Make(const SourceChanges& changes) const override {
    auto settings = SettingsFor<PostgresqlSettings>(server_, Database(), changes);
    if (!changes.dump_program.empty()) settings.tools.pg_dump = changes.dump_program;
    return MakePostgresqlSource(settings, SystemClock());
  }
  void CreateCompany() const override {
    server_.CreateCompany(Database());
    server_.Sql(Database(), "CREATE TABLE moment AS SELECT 0 AS now;");
  }
  void Fatten(int megabytes) const override {
    server_.Sql(Database(), fmt::format("CREATE TABLE fat AS SELECT g, repeat(md5(g::text), 32) FROM "
                                        "generate_series(1, {}) g;",
                                        megabytes * 1000));
  }
  void Change() const override {
    server_.Sql(Database(), "UPDATE moment SET now = 1; DELETE FROM fat WHERE g % 2 = 0;");
  }
  int Moment(const std::string& database) const override {
    return std::stoi(server_.Sql(database, "SELECT now FROM moment;"));
  }
  bool Exists(const std::string& database) const override {
    return !server_.Sql("postgres", "SELECT 1 FROM pg_database WHERE datname = '" + database + "';").empty();
  }
  std::string Fingerprint(const std::string& database) const override { return server_.Fingerprint(database); }
  void Disconnect() const override {
    server_.Sql("postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + Database() + "';");
  }
  std::string DumpProgram() const override { return "pg_dump"; }
  const Secret& password() const override { return server_.password; }
  std::string SaysOfPassword() const override { return "password"; }
  std::string SaysOfNetwork() const override { return "Connection refused"; }

 private:
  const std::string name_ = OwnName();
  test::PostgresqlServer server_ = test::TestPostgresqlServer();
};

class MariadbWorld : public SourceWorld {
 public:
  ~MariadbWorld() override {
    for (const std::string& name : {Database(), New()}) server_.Drop(name);
  }

  std::string Database() const override { return name_; }
  std::string New() const override { return name_ + " new"; }
  std::unique_ptr<Source> Make(const SourceChanges& changes) const override {
    auto settings = SettingsFor<MariadbSettings>(server_, Database(), changes);
    if (!changes.dump_program.empty()) settings.tools.mariadb_dump = changes.dump_program;
    return MakeMariadbSource(settings, SystemClock());
  }
  void CreateCompany() const override {
    server_.CreateCompany(Database());
    server_.Sql(Database(), "CREATE TABLE moment AS SELECT 0 AS now;");
  }
  void Fatten(int megabytes) const override {
    server_.Sql(Database(), fmt::format("CREATE TABLE fat AS SELECT seq, REPEAT(MD5(seq), 32) FROM seq_1_to_{};",
                                        megabytes * 1000));
  }
  void Change() const override { server_.Sql(Database(), "UPDATE moment SET now = 1; DELETE FROM fat WHERE seq % 2;"); }
  int Moment(const std::string& database) const override {
    return std::stoi(server_.Sql(database, "SELECT now FROM moment;"));
  }
  bool Exists(const std::string& database) const override {
    return !server_.Sql("", "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '" + database + "'").empty();
  }
  std::string Fingerprint(const std::string& database) const override { return server_.Fingerprint(database); }
  void Disconnect() const override {
    const std::string kill = server_.Sql(
        "", "SELECT CONCAT('KILL ', ID, ';') FROM information_schema.PROCESSLIST WHERE DB = '" + Database() + "'");
    server_.Sql("", kill);
  }
  std::string DumpProgram() const override { return "mariadb-dump"; }
  const Secret& password() const override { return server_.password; }
  std::string SaysOfPassword() const override { return "Access denied"; }
  std::string SaysOfNetwork() const override { return "Can't connect"; }

 private:
  const std::string name_ = OwnName();
  test::MariadbServer server_ = test::TestMariadbServer();
};

template <typename World>
SourceCase Case(const char* name, const char* server) {
  return {.name = name, .server = server, .make = [] { return std::make_unique<World>(); }};
}

INSTANTIATE_TEST_SUITE_P(Firebird, SourceContract,
                         testing::Values(Case<FirebirdWorld>("Firebird", "COFRE_TEST_FIREBIRD")));
INSTANTIATE_TEST_SUITE_P(Postgresql, SourceContract,
                         testing::Values(Case<PostgresqlWorld>("Postgresql", "COFRE_TEST_POSTGRESQL")));
INSTANTIATE_TEST_SUITE_P(Mariadb, SourceContract, testing::Values(Case<MariadbWorld>("Mariadb", "COFRE_TEST_MARIADB")));

}  // namespace
}  // namespace cofre::sources
