#pragma once

// The configuration file: TOML with the operator's Spanish keys. docs/configuration.md explains each.
// It holds no secret, only the names of files that do.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/policy.h"
#include "planner/retention.h"
#include "service/config_api.h"
#include "service/config_bandwidth.h"
#include "service/config_notify.h"
#include "service/config_service.h"
#include "sources/firebird.h"
#include "sources/mariadb.h"
#include "sources/postgresql.h"
#include "sources/source.h"

namespace cofre::service {

enum class S3Style : uint8_t { kAuto, kPath, kVirtualHost };

struct S3Config {
  std::string region;              // region; empty: the store's own default
  S3Style style = S3Style::kAuto;  // estilo: auto, ruta, host
  std::string ca_file;             // archivo_ca; empty: the system's certificates
  std::string access_key;          // clave_acceso; empty: environment or ~/.aws/credentials
  std::string secret_key_file;     // archivo_clave_secreta; set exactly where access_key is
};

// What a new company has unless it is said otherwise.
struct CompanyDefaults {
  std::chrono::minutes backup_time{60};            // hora_backup
  uint64_t space_limit_bytes = uint64_t{1} << 30;  // limite_espacio_gb
};

struct Config {
  std::string file;  // the file it was read from, absolute

  // "s3:https://host/bucket/prefix" or "file:/var/lib/cofre/store".
  std::string store;            // almacen
  std::string catalogue;        // catalogo: see catalogue/catalogue.h
  std::string master_key_file;  // clave_maestra
  std::string state_directory;  // directorio_estado
  std::string time_zone;        // zona_horaria: of every company that has none of its own; known to the zone database

  S3Config s3;                          // [s3]
  sources::FirebirdTools firebird;      // [firebird] gbak, isql, gfix
  sources::PostgresqlTools postgresql;  // [postgresql] pg_dump, pg_restore, psql
  sources::MariadbTools mariadb;        // [mariadb] mariadb_dump, mariadb, archivo_opciones
  sources::Limits limits;               // [limites] estancado_segundos, maximo_segundos
  BandwidthConfig bandwidth;            // [limites] ancho_banda_..., [[limite_servidor]]
  planner::RetentionPolicy retention;   // [politica] respaldos_anio_actual, respaldos_anio_cerrado
  unsigned first_fiscal_month = 1;      // [politica] mes_inicio_fiscal
  Policy policy;                        // [politica] the rest of it: model/policy.h names the keys
  ServiceConfig service;                // [servicio]
  CompanyDefaults company;              // [empresas]
  NotifyConfig notify;                  // [avisos] [correo] [[webhook]] [latido]
  MetricsConfig metrics;                // [metricas]
  ApiConfig api;                        // [api]
};

// Which file counts: `option` (of --config) unless empty, else the environment's COFRE_CONFIG, else
// /etc/cofre/cofre.toml. Never one of the current folder: it could name programs that root then runs.
std::string ConfigPath(const std::string& option);

// Reads and checks a file of at most 1 MiB. Relative paths in it are relative to its folder; those of the result are
// absolute. Throws not_found where it is missing ("cofre init" makes one), and usage, naming file, line, key and the
// mend, for anything that is not as documented: a key that doesn't exist, a value of another type or out of range. The
// first problem is thrown. A file that every user may write is refused too: it names programs to run.
Config LoadConfig(const std::string& path);

// The same for text that is at hand; `path` names it in messages and is what relative paths are relative to.
Config ParseConfig(std::string_view text, const std::string& path);

// All that LoadConfig finds wrong, in the order of the file; empty where it is as documented. For `cofre config check`.
std::vector<Error> FindConfigProblems(const std::string& path);

// The commented file that `cofre init` writes, with `store` and paths for a fresh state folder filled in. ParseConfig
// accepts it. Keys that stand at their defaults are there as comments.
struct InitialConfig {
  std::string store;
  std::string catalogue;
  std::string master_key_file;
  std::string state_directory;
};
std::string DefaultConfigText(const InitialConfig& initial);

}  // namespace cofre::service
