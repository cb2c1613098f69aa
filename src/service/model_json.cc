#include "service/model_json.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"

namespace cofre::service {
namespace {

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <typename Number>
Json NumberOrNull(Number number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json TimeOrNull(const std::optional<TimePoint>& time) { return time ? Json(FormatTime(*time)) : Json(nullptr); }

template <typename Value>
Json ToArray(const std::vector<Value>& values) {
  Json array = Json::array();
  for (const Value& value : values) array.push_back(ToJson(value));
  return array;
}

}  // namespace

Json ToJson(const Server& server) {
  return {{"servidor", server.name},
          {"motor", EngineName(server.engine)},
          {"host", TextOrNull(server.host)},
          {"puerto", NumberOrNull(server.port)},
          {"usuario", TextOrNull(server.user)},
          {"archivo_clave", TextOrNull(server.password_file)},
          {"maximo_simultaneo", server.max_concurrent}};
}

Json ToJson(const Company& company) {
  // 2^30 divides a double exactly.
  static constexpr double kGigabyte = 1 << 30;
  return {{"empresa", company.id},
          {"nombre", company.name},
          {"servidor", company.server},
          {"backups_habilitados", company.enabled},
          {"hora_backup", FormatBackupTime(company.backup_time)},
          {"limite_espacio_gb", static_cast<double>(company.space_limit_bytes) / kGigabyte},
          {"zona_horaria", TextOrNull(company.time_zone)},
          {"repositorio", TextOrNull(company.repository)}};
}

Json ToJson(const Database& database) {
  return {{"empresa", database.company},
          {"anio_fiscal", database.fiscal_year},
          {"base", TextOrNull(database.path)},
          {"comando", database.command.empty() ? Json(nullptr) : Json(database.command)},
          {"metodo", DumpMethodName(database.method)},
          {"bytes_bloque", NumberOrNull(database.average_blob_bytes)}};
}

Json ToJson(const Backup& backup) {
  return {{"respaldo", backup.snapshot_id},
          {"empresa", backup.company},
          {"anio_fiscal", backup.fiscal_year},
          {"fecha", FormatTime(backup.time)},
          {"ruta", backup.path},
          {"bytes_volcado", backup.dump_bytes},
          {"bytes_nuevos", backup.new_bytes},
          {"bytes_almacenados", backup.stored_bytes},
          {"segundos", std::chrono::duration<double>(backup.elapsed).count()},
          {"fijado_hasta", TimeOrNull(backup.pinned_until)},
          {"completo", TimeOrNull(backup.complete_at)},
          {"verificado", TimeOrNull(backup.verified_at)},
          {"ensayado", TimeOrNull(backup.drilled_at)},
          {"problema_ensayo", TextOrNull(backup.drill_problem)}};
}

Json ToJson(const Job& job) {
  return {{"tarea", job.id},
          {"tipo", JobKindName(job.kind)},
          {"estado", JobStateName(job.state)},
          {"motivo", JobReasonName(job.reason)},
          {"empresa", job.company},
          {"anio_fiscal", NumberOrNull(job.fiscal_year)},
          {"intento", job.attempt},
          {"prioridad", job.priority},
          {"lote", NumberOrNull(job.batch)},
          {"en_cola", FormatTime(job.queued)},
          {"prevista", TimeOrNull(job.due)},
          {"tardia", job.late},
          {"no_antes", FormatTime(job.not_before)},
          {"inicio", job.state == JobState::kQueued ? Json(nullptr) : Json(FormatTime(job.started))},
          {"fin", TimeOrNull(job.ended)},
          {"error", TextOrNull(job.error_kind)},
          {"mensaje", TextOrNull(job.message)},
          {"bytes", job.bytes},
          {"bytes_agregados", job.stored_bytes},
          {"respaldo", TextOrNull(job.snapshot_id)},
          {"proceso", TextOrNull(job.owner)}};
}

Json ToJson(const std::vector<Server>& servers) { return ToArray(servers); }
Json ToJson(const std::vector<Company>& companies) { return ToArray(companies); }
Json ToJson(const std::vector<Database>& databases) { return ToArray(databases); }
Json ToJson(const std::vector<Backup>& backups) { return ToArray(backups); }
Json ToJson(const std::vector<Job>& jobs) { return ToArray(jobs); }

std::string Print(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace cofre::service
