#include "tests/support/firebird_company.h"

#include <fmt/core.h>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "io/child_process.h"
#include "tests/support/servers.h"

namespace cofre::test {
namespace {

std::string RunTool(std::vector<std::string> arguments, const std::string& input, const Secret& password) {
  io::Command command{std::move(arguments)};
  command.environment.emplace_back("LC_ALL", Secret("C.UTF-8"));
  command.environment.emplace_back("ISC_USER", Secret("SYSDBA"));
  if (!password.empty()) command.environment.emplace_back("ISC_PASSWORD", password);
  const io::ProcessLimits limits{std::chrono::minutes(5), std::chrono::minutes(5)};
  const io::ProcessEnd end = io::RunProgram(command, input, limits, SystemClock(), {});
  if (!end.ok()) throw std::runtime_error(command.Name() + ": " + end.Describe() + "\n" + end.output + end.errors);
  return end.output;
}

std::string RunDemo(std::vector<std::string> arguments, const Secret& password) {
  arguments.insert(arguments.begin(), std::string(COFRE_PROJECT_FOLDER) + "/scripts/demo-company");
  return RunTool(std::move(arguments), "", password);
}

bool IsInstalled(const std::string& program) {
  try {
    io::FindProgram(program);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string FirebirdServer::Address(const std::string& path) const { return fmt::format("{}/{}:{}", host, port, path); }

FirebirdServer TestFirebirdServer() {
  const ServerAddress address = AddressSetting("COFRE_TEST_FIREBIRD");
  FirebirdServer server;
  server.host = address.host;
  server.port = address.port;
  server.user = Setting("COFRE_TEST_FIREBIRD_USER");
  server.password = ReadSecretFile(Setting("COFRE_TEST_FIREBIRD_PASSWORD_FILE"));
  server.folder = Setting("COFRE_TEST_FIREBIRD_FOLDER");
  return server;
}

void CreateCompany(const std::string& database, const std::string& scale, const Secret& password) {
  RunDemo({"create", database, scale}, password);
}

void LiveADay(const std::string& database, const Secret& password) { RunDemo({"day", database}, password); }

std::string Fingerprint(const std::string& database, const Secret& password) {
  return std::string(Trimmed(RunDemo({"fingerprint", database}, password)));
}

std::string Sql(const std::string& database, const std::string& statements, const Secret& password) {
  return RunTool({"isql-fb", "-q", "-bail", "-ch", "UTF8", database}, statements, password);
}

void Fatten(const std::string& database, int megabytes, const Secret& password) {
  RunTool({"gfix", "-write", "async", database}, "", password);
  // Rows of 16,000 bytes, 64 a megabyte; gbak shortens runs of one byte only.
  Sql(database,
      fmt::format("CREATE TABLE FAT (ID INTEGER NOT NULL PRIMARY KEY, STUFF VARCHAR(16000) CHARACTER SET OCTETS);\n"
                  "COMMIT;\nSET TERM ^;\nEXECUTE BLOCK AS DECLARE I INTEGER = 0; BEGIN WHILE (I < {}) DO BEGIN\n"
                  "INSERT INTO FAT VALUES (:I, RPAD(GEN_UUID(), 16000, GEN_UUID())); I = I + 1; END END^\n"
                  "SET TERM ;^\nCOMMIT;\n",
                  megabytes * 64),
      password);
}

bool HasFirebirdTools() { return IsInstalled("gbak") && IsInstalled("isql-fb") && IsInstalled("gfix"); }

}  // namespace cofre::test
