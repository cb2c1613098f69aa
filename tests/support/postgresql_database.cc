#include "tests/support/postgresql_database.h"

#include <fmt/core.h>

#include <chrono>
#include <stdexcept>

#include "base/clock.h"
#include "io/child_process.h"
#include "tests/support/servers.h"

namespace cofre::test {
namespace {

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace

PostgresqlServer TestPostgresqlServer() {
  const ServerAddress address = AddressSetting("COFRE_TEST_POSTGRESQL");
  PostgresqlServer server;
  server.host = address.host;
  server.port = address.port;
  server.user = Setting("COFRE_TEST_POSTGRESQL_USER");
  server.password_file = Setting("COFRE_TEST_POSTGRESQL_PASSWORD_FILE");
  server.password = ReadSecretFile(server.password_file);
  return server;
}

std::string PostgresqlServer::Sql(const std::string& database, const std::string& statements) const {
  io::Command command{{"psql", "-XqAt", "-v", "ON_ERROR_STOP=1"}};
  const auto set = [&](const char* name, std::string value) {
    command.environment.emplace_back(name, Secret(std::move(value)));
  };
  set("PGHOST", host);
  set("PGPORT", std::to_string(port));
  set("PGUSER", user);
  set("PGDATABASE", database);
  set("PGCLIENTENCODING", "UTF8");
  command.environment.emplace_back("PGPASSWORD", password);
  const io::ProcessLimits limits{std::chrono::minutes(2), std::chrono::minutes(2)};
  const io::ProcessEnd end = io::RunProgram(command, statements, limits, SystemClock(), {});
  if (!end.ok()) throw std::runtime_error("psql: " + end.Describe() + "\n" + end.output + end.errors);
  return end.output;
}

void PostgresqlServer::Create(const std::string& database) const {
  Sql("postgres", "CREATE DATABASE " + Quoted(database) + " TEMPLATE template0;");
}

void PostgresqlServer::Drop(const std::string& database) const {
  Sql("postgres", "SET client_min_messages = error; DROP DATABASE IF EXISTS " + Quoted(database) + " WITH (FORCE);");
}

void PostgresqlServer::CreateCompany(const std::string& database, int rows) const {
  Create(database);
  Sql(database, fmt::format(R"(
CREATE SCHEMA "Año 2025";
CREATE TABLE parties (id serial PRIMARY KEY, name text NOT NULL, balance numeric(18,2), raw bytea, made timestamptz);
CREATE TABLE "Año 2025"."Líneas" (id int PRIMARY KEY, party int REFERENCES parties, memo varchar(200), tags text[]);
CREATE INDEX ON "Año 2025"."Líneas" (party);
INSERT INTO parties (name, balance, raw, made)
  SELECT E'Ñandú\\t"' || g || E'"\\n\\\\N', g * 1.25, decode(md5(g::text), 'hex'), '2025-01-01Z'::timestamptz + g * interval '1 h'
  FROM generate_series(1, {0}) g;
INSERT INTO "Año 2025"."Líneas"
  SELECT g, g, CASE WHEN g % 3 = 0 THEN NULL ELSE 'Línea ' || g END, ARRAY['a', g::text] FROM generate_series(1, {0}) g;
CREATE VIEW debts AS SELECT id, name FROM parties WHERE balance < 100;
CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql AS 'SELECT x * 2';
SELECT lo_from_bytea(424242, decode(repeat('c0ffee', 5000), 'hex'));
)",
                            rows));
}

std::string PostgresqlServer::Fingerprint(const std::string& database) const {
  return Sql(database, R"(
SET timezone = 'UTC';
SELECT count(*), md5(string_agg(t::text, E'\n' ORDER BY id)) FROM parties t;
SELECT count(*), md5(string_agg(t::text, E'\n' ORDER BY id)) FROM "Año 2025"."Líneas" t;
SELECT count(*) FROM debts;
SELECT twice(21), md5(lo_get(424242)), last_value FROM parties_id_seq;
SELECT conname FROM pg_constraint WHERE connamespace::regnamespace::text NOT LIKE 'pg\_%' ORDER BY 1;
SELECT indexdef FROM pg_indexes WHERE schemaname NOT LIKE 'pg\_%' ORDER BY 1;
)");
}

}  // namespace cofre::test
