#include "service/config_policy.h"

#include <string>
#include <string_view>

#include "base/error.h"
#include "service/config_document.h"

namespace cofre::service {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kSection = "politica";
constexpr int64_t kMost = 1'000'000;
constexpr int64_t kMinutesOfDay = 24 * 60;

}  // namespace

Policy TakePolicy(ConfigDocument& document) {
  Policy policy;
  const auto take_count = [&](std::string_view key, int64_t least, int64_t most, uint32_t& count) {
    document.TakeInteger(kSection, key, least, most, [&](int64_t value) { count = static_cast<uint32_t>(value); });
  };
  const auto take_minutes = [&](std::string_view key, int64_t most, minutes& length) {
    document.TakeInteger(kSection, key, 1, most, [&](int64_t value) { length = minutes(value); });
  };
  take_minutes("margen_minutos", kMinutesOfDay / 2, policy.scheduled.margin);
  take_count("tamano_lote", 1, kMost, policy.scheduled.batch_size);
  take_count("candidatos", 1, kMost, policy.refresh.candidates);
  take_count("inicios_por_hora", 1, kMost, policy.refresh.starts_per_hour);
  take_count("inicios_por_minuto", 1, kMost, policy.refresh.starts_per_minute);
  document.TakeInteger(kSection, "dias_antiguedad", 1, 3660,
                       [&](int64_t value) { policy.refresh.max_age = hours(24) * value; });
  document.TakeText(kSection, "ventanas",
                    [&](const std::string& value) { policy.refresh.windows = ParseTimeWindows(value); });
  document.TakeFlag(kSection, "nivelar", [&](bool value) { policy.refresh.level = value; });
  document.TakeText(kSection, "reintentos_minutos",
                    [&](const std::string& value) { policy.retry.pauses = ParseRetryPauses(value); });
  take_count("reintentos_variacion", 0, 100, policy.retry.jitter_percent);
  document.TakeInteger(kSection, "reintento_horas", 1, 24 * 366,
                       [&](int64_t value) { policy.retry.closed_year_pause = hours(value); });
  take_count("fallos_servidor", 1, kMost, policy.server_pause.failures);
  take_minutes("pausa_servidor_minutos", kMinutesOfDay, policy.server_pause.first_pause);
  take_minutes("pausa_servidor_maxima_minutos", 7 * kMinutesOfDay, policy.server_pause.longest_pause);
  try {
    RequireValid(policy);
  } catch (const Error& error) {
    document.AddProblem(kSection, "pausa_servidor_maxima_minutos", error.what(), error.hint());
  }
  return policy;
}

}  // namespace cofre::service
