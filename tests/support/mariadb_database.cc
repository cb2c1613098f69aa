#include "tests/support/mariadb_database.h"

#include <fmt/core.h>

#include <chrono>
#include <stdexcept>

#include "base/clock.h"
#include "io/child_process.h"
#include "tests/support/servers.h"

namespace cofre::test {
namespace {

std::string Quoted(const std::string& name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

}  // namespace

MariadbServer TestMariadbServer() {
  const ServerAddress address = AddressSetting("COFRE_TEST_MARIADB");
  MariadbServer server;
  server.host = address.host;
  server.port = address.port;
  server.user = Setting("COFRE_TEST_MARIADB_USER");
  server.password_file = Setting("COFRE_TEST_MARIADB_PASSWORD_FILE");
  server.password = ReadSecretFile(server.password_file);
  return server;
}

std::string MariadbServer::Sql(const std::string& database, const std::string& statements) const {
  io::Command command{{"mariadb", "--no-defaults", "--host=" + host, "--port=" + std::to_string(port), "--user=" + user,
                       "--default-character-set=utf8mb4", "--batch", "--skip-column-names", "--raw"}};
  if (!database.empty()) command.arguments.insert(command.arguments.end(), {"--", database});
  command.environment.emplace_back("MYSQL_PWD", password);
  const io::ProcessLimits limits{std::chrono::minutes(2), std::chrono::minutes(2)};
  const io::ProcessEnd end = io::RunProgram(command, statements, limits, SystemClock(), {});
  if (!end.ok()) throw std::runtime_error("mariadb: " + end.Describe() + "\n" + end.output + end.errors);
  return end.output;
}

void MariadbServer::Create(const std::string& database) const {
  Sql("", "CREATE DATABASE " + Quoted(database) + " CHARACTER SET latin1;");
}

void MariadbServer::Drop(const std::string& database) const { Sql("", "DROP DATABASE IF EXISTS " + Quoted(database)); }

void MariadbServer::CreateCompany(const std::string& database, int rows) const {
  Create(database);
  Sql(database, fmt::format(R"(
CREATE TABLE parties (id int AUTO_INCREMENT PRIMARY KEY, name varchar(200) NOT NULL, balance decimal(18,2), raw blob,
  made timestamp NULL, flag bit(3), document json, KEY (name));
INSERT INTO parties (name, balance, raw, made, flag, document)
  SELECT CONCAT('Ñandú\t"', seq, '"\n\\', "'"), seq * 1.25, UNHEX(CONCAT(MD5(seq), '000D0A1A5C27')),
  '2025-01-01' + INTERVAL seq HOUR, seq % 8, JSON_OBJECT('a', seq) FROM seq_1_to_{0};
CREATE TABLE `Líneas` (id int PRIMARY KEY, party int, memo varchar(200), twice int AS (id * 2) STORED,
  FOREIGN KEY (party) REFERENCES parties (id));
INSERT INTO `Líneas` (id, party, memo) SELECT seq, seq, IF(seq % 3 = 0, NULL, CONCAT('Línea ', seq)) FROM seq_1_to_{0};
CREATE TABLE prices (id int PRIMARY KEY, price int) WITH SYSTEM VERSIONING;
INSERT INTO prices VALUES (1, 100);
UPDATE prices SET price = 200;
CREATE VIEW debts AS SELECT id, name FROM parties WHERE balance < 100;
CREATE SEQUENCE numbers;
DO NEXTVAL(numbers);
DELIMITER ;;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2;;
CREATE PROCEDURE clean() BEGIN DECLARE a int; SET a = 1; END;;
CREATE TRIGGER shout BEFORE INSERT ON parties FOR EACH ROW BEGIN SET NEW.name = UPPER(NEW.name); END;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM `Líneas` WHERE id < 0;;
DELIMITER ;
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_spanish_ci;
)",
                            rows));
}

std::string MariadbServer::Fingerprint(const std::string& database) const {
  return Sql(database, R"(
SET time_zone = '+00:00', group_concat_max_len = 1000000000;
SELECT COUNT(*), MD5(GROUP_CONCAT(id, name, balance, HEX(raw), made, flag + 0, document ORDER BY id)) FROM parties;
SELECT COUNT(*), MD5(GROUP_CONCAT(id, IFNULL(party, '-'), IFNULL(memo, '-'), twice ORDER BY id)) FROM `Líneas`;
SELECT COUNT(*), MD5(GROUP_CONCAT(price, row_start, row_end ORDER BY row_start)) FROM prices FOR SYSTEM_TIME ALL;
SELECT COUNT(*) FROM debts;
SELECT twice(21), NEXTVAL(numbers) > 1;
SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
  WHERE SCHEMA_NAME = DATABASE();
SELECT TRIGGER_NAME, ACTION_STATEMENT, DATABASE_COLLATION FROM information_schema.TRIGGERS
  WHERE TRIGGER_SCHEMA = DATABASE();
SELECT EVENT_NAME, EVENT_DEFINITION, STARTS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE();
SELECT ROUTINE_NAME, ROUTINE_DEFINITION, DATABASE_COLLATION FROM information_schema.ROUTINES
  WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY 1;
SELECT TABLE_NAME, CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS
  WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2;
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
  ORDER BY 1, 2, SEQ_IN_INDEX;
SELECT TABLE_NAME, TABLE_COLLATION, AUTO_INCREMENT FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'SEQUENCE' ORDER BY 1;
)");
}

}  // namespace cofre::test
