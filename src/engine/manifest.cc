#include "engine/manifest.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/validate.h"

namespace cofre::engine {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Json ToJson(const Company& company) {
  return {
      {"empresa", company.id},
      {"nombre", company.name},
      {"servidor", company.server},
      {"backups_habilitados", company.enabled},
      {"hora_backup", FormatBackupTime(company.backup_time)},
      {"limite_espacio_bytes", company.space_limit_bytes},
      {"zona_horaria", company.time_zone},
      {"repositorio", company.repository},
  };
}

Company CompanyFromJson(const Json& json) {
  return {
      .id = json.at("empresa"),
      .name = json.at("nombre"),
      .server = json.at("servidor"),
      .enabled = json.at("backups_habilitados"),
      .backup_time = ParseBackupTime(json.at("hora_backup").get<std::string>()),
      .space_limit_bytes = json.at("limite_espacio_bytes"),
      .time_zone = json.at("zona_horaria"),
      .repository = json.at("repositorio"),
  };
}

Json ToJson(const Server& server) {
  return {
      {"servidor", server.name},
      {"motor", EngineName(server.engine)},
      {"host", server.host},
      {"puerto", server.port},
      {"usuario", server.user},
      {"archivo_clave", server.password_file},
      {"maximo_simultaneo", server.max_concurrent},
  };
}

Server ServerFromJson(const Json& json) {
  return {
      .name = json.at("servidor"),
      .engine = ParseEngine(json.at("motor").get<std::string>()),
      .host = json.at("host"),
      .port = json.at("puerto"),
      .user = json.at("usuario"),
      .password_file = json.at("archivo_clave"),
      .max_concurrent = json.at("maximo_simultaneo"),
  };
}

Json ToJson(const Database& database) {
  Json json{
      {"anio_fiscal", database.fiscal_year},
      {"base", database.path},
      {"comando", database.command},
      {"bytes_bloque", database.average_blob_bytes},
  };
  // Manifests from before there was another method stay as they are.
  if (database.method != DumpMethod::kLogical) json["metodo"] = DumpMethodName(database.method);
  return json;
}

Database DatabaseFromJson(const Json& json, const std::string& company) {
  return {
      .company = company,
      .fiscal_year = json.at("anio_fiscal"),
      .path = json.at("base"),
      .command = json.at("comando"),
      .method = ParseDumpMethod(json.value("metodo", std::string(DumpMethodName(DumpMethod::kLogical)))),
      .average_blob_bytes = json.at("bytes_bloque"),
  };
}

Json ToJson(const BackupNote& note) {
  Json json{{"respaldo", note.snapshot_id}};
  if (note.pinned_until) json["fijado_hasta"] = FormatTime(*note.pinned_until);
  if (note.complete_at) json["completo"] = FormatTime(*note.complete_at);
  if (note.verified_at) json["verificado"] = FormatTime(*note.verified_at);
  if (note.drilled_at) json["ensayado"] = FormatTime(*note.drilled_at);
  if (!note.drill_problem.empty()) json["problema_ensayo"] = note.drill_problem;
  return json;
}

std::optional<TimePoint> TimeFrom(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end()) return std::nullopt;
  const auto time = ParseTime(at->get<std::string>());
  if (!time) throw Error(ErrorKind::kCorrupt, std::string("the manifest's ") + key + " is not a time");
  return time;
}

BackupNote NoteFromJson(const Json& json) {
  return {
      .snapshot_id = json.at("respaldo"),
      .pinned_until = TimeFrom(json, "fijado_hasta"),
      .complete_at = TimeFrom(json, "completo"),
      .verified_at = TimeFrom(json, "verificado"),
      .drilled_at = TimeFrom(json, "ensayado"),
      .drill_problem = json.value("problema_ensayo", ""),
  };
}

Manifest Parse(std::string_view text) {
  const Json json = Json::parse(text);
  if (json.at("version").get<int>() != kVersion) {
    throw Error(ErrorKind::kCorrupt, "the manifest's version is not one that this Cofre knows", "use a newer Cofre");
  }
  Manifest manifest{.company = CompanyFromJson(json.at("empresa")), .server = ServerFromJson(json.at("servidor"))};
  for (const Json& database : json.at("bases")) {
    manifest.databases.push_back(DatabaseFromJson(database, manifest.company.id));
  }
  for (const Json& note : json.at("respaldos")) manifest.notes.push_back(NoteFromJson(note));
  RequireValid(manifest.server);
  RequireValid(manifest.company);
  for (const Database& database : manifest.databases) RequireValid(database);
  return manifest;
}

}  // namespace

std::string ManifestToJson(const Manifest& manifest) {
  Json databases = Json::array();
  for (const Database& database : manifest.databases) databases.push_back(ToJson(database));
  Json notes = Json::array();
  for (const BackupNote& note : manifest.notes) notes.push_back(ToJson(note));
  const Json json{
      {"version", kVersion},           {"empresa", ToJson(manifest.company)}, {"servidor", ToJson(manifest.server)},
      {"bases", std::move(databases)}, {"respaldos", std::move(notes)},
  };
  // Text of others (paths) is valid UTF-8 or becomes so.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Manifest ManifestFromJson(std::string_view json) {
  try {
    return Parse(json);
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kCorrupt, "the manifest is not as Cofre writes it");
  } catch (const Error& error) {
    throw Error(ErrorKind::kCorrupt, error.what(), error.hint()).In("the manifest");
  }
}

}  // namespace cofre::engine
