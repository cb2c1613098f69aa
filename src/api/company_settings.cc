#include "api/company_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "api/problem.h"
#include "base/text.h"
#include "planner/local_time.h"
#include "sources/firebird_address.h"
#include "sources/mariadb.h"
#include "sources/postgresql.h"

namespace cofre::api {
namespace {

namespace fs = std::filesystem;

bool LiesIn(const fs::path& path, const fs::path& folder) {
  if (folder.empty()) return false;
  return std::ranges::mismatch(folder, path).in1 == folder.end();
}

fs::path Real(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : real;
}

}  // namespace

void ApplyCompanySettings(Body& body, Company& company) {
  if (const auto name = body.TakeText("nombre")) company.name = std::string(Trimmed(*name));
  if (const auto enabled = body.TakeFlag("backups_habilitados")) company.enabled = *enabled;
  if (const auto time = body.TakeText("hora_backup")) company.backup_time = ParseBackupTime(*time);
  if (const auto limit = body.TakeNumber("limite_espacio_gb")) {
    if (*limit > kLargestSpaceLimitGigabytes || *limit < 0)
      throw Refusal("invalid", "limite_espacio_gb is out of range");
    company.space_limit_bytes = ParseSpaceLimit(fmt::format("{:.9f}", *limit));
  }
  if (const auto zone = body.TakeNullableText("zona_horaria")) {
    company.time_zone = zone->empty() ? "" : planner::TimeZone::Find(*zone).name();
  }
}

void RequireDatabasePath(const service::Config& config, const Server& server, const std::string& path) {
  if (server.engine == Engine::kCommand) {
    throw Refusal("invalid", "the databases of " + server.name + " are the output of programs: none is registered here",
                  "on the machine of the service: cofre database add COMPANY YEAR -- PROGRAM ...");
  }
  // Any file that the service can read would be in its backups, and from there with whoever may download them.
  if (IsFolder(server.engine)) {
    throw Refusal("invalid", "the databases of " + server.name + " are folders of files: none is registered here",
                  "on the machine of the service: cofre database add COMPANY YEAR --path FOLDER");
  }
  if (Trimmed(path).empty()) throw Refusal("invalid", "base is empty", "the path or alias on its server");
  if (server.engine == Engine::kPostgresql) sources::RequireDatabaseName(path);
  if (server.engine == Engine::kMariadb) sources::RequireMariadbName(path);
  if (server.engine == Engine::kFirebird) (void)sources::FirebirdAddress(server.host, server.port, path);
  if (!IsFileHere(server, path)) return;
  if (!path.starts_with('/')) {
    throw Refusal("invalid", "base " + Quoted(path) + " is not a whole path", "as in /data/CONTAB2025.FDB");
  }
  const fs::path real = Real(path);
  const std::string catalogue = config.catalogue.substr(config.catalogue.starts_with("sqlite:") ? 7 : 0);
  if (LiesIn(real, Real(config.state_directory)) || real == Real(catalogue)) {
    throw Refusal("invalid", "base " + Quoted(path) + " is one of Cofre's own files");
  }
}

}  // namespace cofre::api
