#include "tests/support/catalogue_places.h"

#include <fmt/core.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::test {
namespace {

class SqlitePlace : public CataloguePlace {
 public:
  std::string Url() const override { return "sqlite:" + folder_.File("catalogo.db"); }

 private:
  TemporaryFolder folder_;
};

class PostgresqlPlace : public CataloguePlace {
 public:
  PostgresqlPlace() {
    schema_ = fmt::format("catalogue_{}_{}", getpid(), SystemClock().Now().time_since_epoch().count());
    server_.Sql("postgres", "CREATE SCHEMA " + schema_ + ";");
  }
  ~PostgresqlPlace() override {
    try {
      server_.Sql("postgres", "SET client_min_messages = error; DROP SCHEMA " + schema_ + " CASCADE;");
    } catch (const std::exception& error) {
      (void)fprintf(stderr, "%s\n", error.what());
    }
  }
  std::string Url() const override {
    return fmt::format("postgresql://{}:{}@{}:{}/postgres?options=-csearch_path%3D{}", server_.user,
                       server_.password.Reveal(), server_.host, server_.port, schema_);
  }

 private:
  PostgresqlServer server_ = TestPostgresqlServer();
  std::string schema_;
};

}  // namespace

std::string CatalogueEngineName(CatalogueEngine engine) {
  return engine == CatalogueEngine::kSqlite ? "Sqlite" : "Postgresql";
}

std::unique_ptr<CataloguePlace> MakeCataloguePlace(CatalogueEngine engine) {
  if (engine == CatalogueEngine::kSqlite || Setting("COFRE_TEST_POSTGRESQL").empty()) {
    return std::make_unique<SqlitePlace>();
  }
  return std::make_unique<PostgresqlPlace>();
}

}  // namespace cofre::test
