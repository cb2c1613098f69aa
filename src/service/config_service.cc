#include "service/config_service.h"

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "model/company.h"
#include "model/validate.h"
#include "service/config_document.h"

namespace cofre::service {
namespace {

constexpr std::string_view kService = "servicio";

// Takes a number in some unit.
template <typename Value>
void TakeNumber(ConfigDocument& document, std::string_view key, int64_t least, int64_t most, Value& number) {
  document.TakeInteger(kService, key, least, most, [&](int64_t value) { number = Value(value); });
}

}  // namespace

ServiceConfig TakeService(ConfigDocument& document, const std::string& folder, const std::string& state_directory) {
  ServiceConfig service;
  service.scratch_folder = (std::filesystem::path(state_directory) / "ensayos").string();
  TakeNumber(document, "trabajadores", 1, 256, service.workers);
  TakeNumber(document, "parada_segundos", 0, 24 * 3600, service.stop_limit);
  TakeNumber(document, "limpieza_horas", 1, 24 * 365, service.prune_every);
  document.TakeInteger(kService, "verificacion_dias", 0, 3650,
                       [&](int64_t days) { service.verify_every = std::chrono::hours(24 * days); });
  TakeNumber(document, "ensayos_por_dia", 0, 1000, service.drills_per_day);
  document.TakeText(kService, "carpeta_ensayos", [&](const std::string& value) {
    RequireValidText("the value", value);
    if (value.empty()) throw Error(ErrorKind::kUsage, "the value is empty", "write a folder, or leave the key out");
    service.scratch_folder = (std::filesystem::path(folder) / value).lexically_normal().string();
  });
  document.TakeText(kService, "hora_descubrimiento",
                    [&](const std::string& value) { service.discovery_time = ParseBackupTime(value); });
  return service;
}

}  // namespace cofre::service
