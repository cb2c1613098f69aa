#include "api/fleet_json.h"

#include <nlohmann/json.hpp>

namespace cofre::api {

std::string_view ConditionOf(const service::DatabaseHealth& database) {
  if (database.failing) return "failing";
  if (database.late) return "late";
  return database.newest ? "safe" : "never";
}

Json ToJson(const CompanyRow& row) {
  Json json = service::ToJson(row.company);
  json["estado"] = ConditionName(row.condition);
  json["bytes_usados"] = row.used_bytes;
  json["bytes_limite"] = row.company.space_limit_bytes;
  json["ultimo_respaldo"] = TimeOrNull(row.newest);
  Json years = Json::array();
  for (const service::DatabaseHealth& database : row.databases) years.push_back(database.fiscal_year);
  json["anios_fiscales"] = std::move(years);
  return json;
}

Json ToJson(const service::DatabaseHealth& database) {
  return {{"empresa", database.company},
          {"anio_fiscal", database.fiscal_year},
          {"anio_actual", database.current},
          {"estado", ConditionOf(database)},
          {"ultimo_respaldo", TimeOrNull(database.newest)},
          {"resultado", TextOrNull(database.outcome)},
          {"intentado", TimeOrNull(database.tried)}};
}

Json ToJson(const service::ServerHealthNow& health, const Server& server) {
  Json json = service::ToJson(server);
  json.erase("archivo_clave");
  json["caido"] = health.down;
  json["pausado"] = health.paused_by_user;
  json["pausado_hasta"] = TimeOrNull(health.paused_until);
  json["mensaje"] = TextOrNull(health.last_error);
  return json;
}

Json SettingsToJson(const Company& company) {
  Json json = service::ToJson(company);
  json.erase("servidor");
  json.erase("repositorio");
  return json;
}

}  // namespace cofre::api
