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
constexpr size_t kMostDiscoveries = 100;
constexpr size_t kMostArguments = 64;

// Takes a number in some unit.
template <typename Value>
void TakeNumber(ConfigDocument& document, std::string_view key, int64_t least, int64_t most, Value& number) {
  document.TakeInteger(kService, key, least, most, [&](int64_t value) { number = Value(value); });
}

void TakeLine(ConfigDocument& document, std::string_view section, std::string_view key, std::string& text) {
  document.TakeText(section, key, [&](const std::string& value) {
    RequireValidText("the value", value);
    if (value.empty()) throw Error(ErrorKind::kUsage, "the value is empty", "write one, or leave the key out");
    text = value;
  });
}

DiscoveryConfig TakeDiscovery(ConfigDocument& document, const std::string& section) {
  DiscoveryConfig discovery;
  document.TakeText(section, "servidor", [&](const std::string& value) { discovery.server = ParseServerName(value); });
  TakeLine(document, section, "consulta", discovery.query);
  TakeLine(document, section, "base", discovery.database);
  TakeLine(document, section, "patron", discovery.pattern);
  document.TakeTexts(section, "comando", kMostArguments, [&](const std::vector<std::string>& command) {
    for (const std::string& argument : command) RequireValidText("the argument", argument);
    if (command.empty() || command.front().empty()) throw Error(ErrorKind::kUsage, "the command is empty");
    discovery.command = command;
  });
  if (!document.Has(section, "servidor")) {
    document.AddProblem(section, "servidor", "a [[descubrimiento]] has no servidor", "name one of cofre server list");
  }
  const int ways = static_cast<int>(document.Has(section, "consulta")) +
                   static_cast<int>(document.Has(section, "patron")) +
                   static_cast<int>(document.Has(section, "comando"));
  if (ways != 1 || document.Has(section, "consulta") != document.Has(section, "base")) {
    document.AddProblem(section, "servidor", "a [[descubrimiento]] must say one way to find databases",
                        "consulta together with base, or patron, or comando");
  }
  return discovery;
}

}  // namespace

ServiceConfig TakeService(ConfigDocument& document, const std::string& folder, const std::string& state_directory) {
  ServiceConfig service;
  service.scratch_folder = (std::filesystem::path(state_directory) / "ensayos").string();
  document.TakeText(kService, "nodo", [&](const std::string& value) { service.node = ParseServerName(value); });
  TakeNumber(document, "trabajadores", 1, 256, service.workers);
  TakeNumber(document, "parada_segundos", 0, 24 * 3600, service.stop_limit);
  TakeNumber(document, "limpieza_horas", 1, 24 * 365, service.prune_every);
  document.TakeInteger(kService, "verificacion_dias", 0, 3650,
                       [&](int64_t days) { service.verify_every = std::chrono::hours(24 * days); });
  TakeNumber(document, "ensayos_por_dia", 0, 1000, service.drills_per_day);
  document.TakeInteger(kService, "historial_dias", 31, 36500,
                       [&](int64_t days) { service.keep_history = std::chrono::hours(24 * days); });
  document.TakeText(kService, "carpeta_ensayos", [&](const std::string& value) {
    RequireValidText("the value", value);
    if (value.empty()) throw Error(ErrorKind::kUsage, "the value is empty", "write a folder, or leave the key out");
    service.scratch_folder = (std::filesystem::path(folder) / value).lexically_normal().string();
  });
  document.TakeText(kService, "hora_descubrimiento",
                    [&](const std::string& value) { service.discovery_time = ParseBackupTime(value); });
  for (const std::string& section : document.TakeSections("descubrimiento", kMostDiscoveries)) {
    service.discovery.push_back(TakeDiscovery(document, section));
  }
  return service;
}

}  // namespace cofre::service
