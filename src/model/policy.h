#pragma once

// How the fleet is backed up by itself: every number of it a setting, with its default. Values only.
// What is kept of it is planner/retention.h's policy.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/day_window.h"

namespace cofre {

// A part of the day in which refreshes have a cap of their own: nights 30, days 10.
struct TimeWindow : DayWindow {
  uint32_t starts_per_hour = 10;

  bool operator==(const TimeWindow&) const = default;
};

// Databases of the current fiscal year.
struct ScheduledPolicy {
  std::chrono::minutes margin{5};  // margen_minutos: later than this after hora_backup is late
  uint32_t batch_size = 20;        // tamano_lote: at work at once; the next batch begins when the one before has ended

  bool operator==(const ScheduledPolicy&) const = default;
};

// Databases of closed years, every hour at minute 0.
struct RefreshPolicy {
  uint32_t candidates = 50;             // candidatos: looked at
  uint32_t starts_per_hour = 10;        // inicios_por_hora: outside of the windows
  uint32_t starts_per_minute = 10;      // inicios_por_minuto: in any 60 seconds
  std::chrono::hours max_age{24 * 30};  // dias_antiguedad: a backup older than this is replaced
  std::vector<TimeWindow> windows;      // ventanas: in the service's zone; no two have a minute in common
  // nivelar: while none is too old, the oldest are replaced early, at the pace at which they all become too old. So
  // closed years that were first backed up within a few days are not all due within the same few days for ever.
  bool level = true;

  bool operator==(const RefreshPolicy&) const = default;
};

// A backup that failed for a transient reason is tried again, after each pause once; then not before its next day.
struct BackupRetryPolicy {
  std::vector<std::chrono::minutes> pauses{std::chrono::minutes(5), std::chrono::minutes(15),
                                           std::chrono::minutes(45)};  // reintentos_minutos
  uint32_t jitter_percent = 20;              // reintentos_variacion: a pause is longer by up to so much
  std::chrono::hours closed_year_pause{24};  // reintento_horas: a closed year that failed for good is tried again

  bool operator==(const BackupRetryPolicy&) const = default;
};

// A server that fails again and again is left alone for a while, then tried with one backup at a time.
struct ServerPausePolicy {
  uint32_t failures = 5;                    // fallos_servidor: in a row, before it is paused
  std::chrono::minutes first_pause{10};     // pausa_servidor_minutos: doubles with each pause that ends in a failure
  std::chrono::minutes longest_pause{120};  // pausa_servidor_maxima_minutos

  bool operator==(const ServerPausePolicy&) const = default;
};

struct Policy {
  ScheduledPolicy scheduled;
  RefreshPolicy refresh;
  BackupRetryPolicy retry;
  ServerPausePolicy server_pause;

  bool operator==(const Policy&) const = default;
};

// Throws kind usage, naming the setting by its key, for caps of 0, windows that overlap or are empty, and numbers out
// of any use.
void RequireValid(const Policy& policy);

// "22:00-06:00=30, 06:00-22:00=10"; empty text: no windows. Throws kind usage with an example.
std::vector<TimeWindow> ParseTimeWindows(std::string_view text);

// "5, 15, 45"; empty text: failures are not tried again. Throws kind usage with an example.
std::vector<std::chrono::minutes> ParseRetryPauses(std::string_view text);

}  // namespace cofre
