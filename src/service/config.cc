#include "service/config.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "catalogue/catalogue.h"
#include "model/company.h"
#include "model/validate.h"
#include "planner/local_time.h"
#include "service/config_document.h"
#include "service/config_policy.h"
#include "storage/store_url.h"

namespace cofre::service {
namespace {

constexpr uint64_t kFileLimit = 1024 * 1024;
constexpr const char* kSystemPath = "/etc/cofre/cofre.toml";
constexpr int64_t kLongestSeconds = 7 * 24 * 3600;
constexpr std::string_view kFileScheme = "file:";

class Reader {
 public:
  Reader(std::string_view text, const std::string& path) : document_(text, path) {
    config_.file = std::filesystem::absolute(path).lexically_normal();
    folder_ = std::filesystem::path(config_.file).parent_path();
    config_.state_directory = "/var/lib/cofre";
    config_.time_zone = "America/Bogota";
  }

  std::vector<Error> Read() {
    ReadPlaces();
    ReadS3();
    ReadTools();
    ReadPolicy();
    config_.service = TakeService(document_, folder_.string(), config_.state_directory);
    SeeingConfig seeing = TakeSeeing(document_, folder_.string());
    config_.notify = std::move(seeing.notify);
    config_.notify.time_zone = config_.time_zone;
    config_.metrics = std::move(seeing.metrics);
    config_.api = TakeApi(document_, folder_.string(), config_.state_directory);
    RequireTogether();
    return document_.Finish();
  }

  Config Take() { return std::move(config_); }

 private:
  // Text of one line that isn't empty.
  void TakeLine(std::string_view section, std::string_view key, const std::function<void(const std::string&)>& use) {
    document_.TakeText(section, key, [&](const std::string& value) {
      RequireValidText("the value", value);
      if (Trimmed(value).empty()) {
        throw Error(ErrorKind::kUsage, "the value is empty", "write one, or leave the key out");
      }
      use(value);
    });
  }

  void TakePath(std::string_view section, std::string_view key, std::string& path) {
    TakeLine(section, key, [&](const std::string& value) { path = Absolute(value); });
  }

  std::string Absolute(const std::string& path) const { return (folder_ / path).lexically_normal(); }

  std::string ParseStore(const std::string& value) const {
    const bool is_folder = value.starts_with(kFileScheme) && value.size() > kFileScheme.size();
    std::string store = is_folder ? std::string(kFileScheme) + Absolute(value.substr(kFileScheme.size())) : value;
    storage::ParseStoreUrl(store);
    return store;
  }

  void ReadPlaces() {
    TakeLine("", "almacen", [&](const std::string& value) { config_.store = ParseStore(value); });
    TakePath("", "directorio_estado", config_.state_directory);
    config_.catalogue = config_.state_directory + "/catalogo.db";
    TakeLine("", "catalogo", [&](const std::string& value) {
      config_.catalogue = catalogue::IsShared(value) ? value : Absolute(value);
    });
    TakePath("", "clave_maestra", config_.master_key_file);
    TakeLine("", "zona_horaria", [&](const std::string& value) {
      planner::TimeZone::Find(value);
      config_.time_zone = value;
    });
  }

  void ReadS3() {
    TakeLine("s3", "region", [&](const std::string& value) { config_.s3.region = value; });
    TakeLine("s3", "estilo", [&](const std::string& value) {
      if (value == "auto") {
        config_.s3.style = S3Style::kAuto;
      } else if (value == "ruta") {
        config_.s3.style = S3Style::kPath;
      } else if (value == "host") {
        config_.s3.style = S3Style::kVirtualHost;
      } else {
        throw Error(ErrorKind::kUsage, fmt::format("{} is not one of auto, ruta, host", Quoted(value)));
      }
    });
    TakePath("s3", "archivo_ca", config_.s3.ca_file);
    TakeLine("s3", "clave_acceso", [&](const std::string& value) { config_.s3.access_key = value; });
    TakePath("s3", "archivo_clave_secreta", config_.s3.secret_key_file);
  }

  void ReadTools() {
    const auto take_program = [&](std::string_view table, std::string_view key, std::string& program) {
      TakeLine(table, key, [&](const std::string& value) {
        program = value.find('/') == std::string::npos ? value : Absolute(value);
      });
    };
    take_program("firebird", "gbak", config_.firebird.gbak);
    take_program("firebird", "isql", config_.firebird.isql);
    take_program("firebird", "gfix", config_.firebird.gfix);
    take_program("firebird", "nbackup", config_.firebird.nbackup);
    take_program("postgresql", "pg_dump", config_.postgresql.pg_dump);
    take_program("postgresql", "pg_restore", config_.postgresql.pg_restore);
    take_program("postgresql", "psql", config_.postgresql.psql);
    take_program("mariadb", "mariadb_dump", config_.mariadb.mariadb_dump);
    take_program("mariadb", "mariadb", config_.mariadb.mariadb);
    TakePath("mariadb", "archivo_opciones", config_.mariadb.options_file);
    document_.TakeInteger("limites", "estancado_segundos", 1, kLongestSeconds,
                          [&](int64_t value) { config_.limits.stall = std::chrono::seconds(value); });
    document_.TakeInteger("limites", "maximo_segundos", 1, kLongestSeconds,
                          [&](int64_t value) { config_.limits.endless = std::chrono::seconds(value); });
    config_.bandwidth = TakeBandwidth(document_);
  }

  void ReadPolicy() {
    const auto take_number = [&](std::string_view key, int64_t most, unsigned& number) {
      document_.TakeInteger("politica", key, 1, most, [&](int64_t value) { number = static_cast<unsigned>(value); });
    };
    take_number("respaldos_anio_actual", 366, config_.retention.current_year_days);
    take_number("respaldos_anio_cerrado", 366, config_.retention.closed_year_backups);
    take_number("mes_inicio_fiscal", 12, config_.first_fiscal_month);
    config_.policy = TakePolicy(document_);
    TakeLine("empresas", "hora_backup",
             [&](const std::string& value) { config_.company.backup_time = ParseBackupTime(value); });
    document_.TakeNumber("empresas", "limite_espacio_gb",
                         [&](const std::string& value) { config_.company.space_limit_bytes = ParseSpaceLimit(value); });
  }

  void RequireTogether() {
    const auto require = [&](std::string_view key, const std::string& example) {
      if (document_.Has("", key)) return;
      document_.AddProblem("", key, fmt::format("the key {} is missing", key),
                           fmt::format("add a line such as: {} = \"{}\"", key, example));
    };
    require("almacen", "s3:https://host/bucket/prefix");
    require("clave_maestra", "/etc/cofre/clave_maestra");
    const std::string_view id = "clave_acceso";
    const std::string_view secret = "archivo_clave_secreta";
    if (document_.Has("s3", id) == document_.Has("s3", secret)) return;
    const auto [there, missing] = document_.Has("s3", id) ? std::pair(id, secret) : std::pair(secret, id);
    document_.AddProblem("s3", there, fmt::format("s3.{} is there without s3.{}", there, missing),
                         "give both, or neither to use the environment or ~/.aws/credentials");
  }

  ConfigDocument document_;
  std::filesystem::path folder_;
  Config config_;
};

std::string ReadConfigFile(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0) {
    throw Error(ErrorKind::kUsage, fmt::format("{} may be changed by every user of this machine", path),
                fmt::format("it names programs that cofre runs: chmod o-w '{}'", path));
  }
  try {
    return ReadFile(path, kFileLimit);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, "there is no configuration at " + path,
                "make one with cofre init, or name another one with --config or COFRE_CONFIG");
  }
}

}  // namespace

std::string ConfigPath(const std::string& option) {
  if (!option.empty()) return option;
  const char* variable = std::getenv("COFRE_CONFIG");
  return variable != nullptr && *variable != '\0' ? variable : kSystemPath;
}

Config ParseConfig(std::string_view text, const std::string& path) {
  Reader reader(text, path);
  if (const std::vector<Error> problems = reader.Read(); !problems.empty()) throw Error(problems.front());
  return reader.Take();
}

Config LoadConfig(const std::string& path) { return ParseConfig(ReadConfigFile(path), path); }

std::vector<Error> FindConfigProblems(const std::string& path) {
  try {
    return Reader(ReadConfigFile(path), path).Read();
  } catch (const Error& error) {
    return {error};
  }
}

}  // namespace cofre::service
