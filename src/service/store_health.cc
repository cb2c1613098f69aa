#include "service/store_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "planner/server_health.h"

namespace cofre::service {
namespace {

constexpr const char* kFact = "store.health";
constexpr const char* kProbe = "cofre-probe";  // no object has this name
// A request has been repeated for minutes before a backup fails of it, so few failures say much; but not one, which may
// be of one repository.
constexpr uint32_t kFailures = 3;

planner::ServerHealth Read(catalogue::Catalogue& catalogue) {
  const std::string text = catalogue.GetFact(kFact).value_or("");
  int64_t numbers[4] = {0, 0, kNoTime.time_since_epoch().count(), kNoTime.time_since_epoch().count()};
  const char* at = text.data();
  for (int64_t& number : numbers) {
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), number);
    if (error != std::errc()) break;
    at = std::min(end + 1, text.data() + text.size());
  }
  return {.failures = static_cast<uint32_t>(numbers[0]),
          .pauses = static_cast<uint32_t>(numbers[1]),
          .paused_until = TimePoint(Duration(numbers[2])),
          .recovered_at = TimePoint(Duration(numbers[3]))};
}

void Write(catalogue::Catalogue& catalogue, const planner::ServerHealth& health) {
  catalogue.PutFact(
      kFact, fmt::format("{} {} {} {}", health.failures, health.pauses, health.paused_until.time_since_epoch().count(),
                         health.recovered_at.time_since_epoch().count()));
}

ServerPausePolicy PolicyOf(const Config& config) {
  ServerPausePolicy policy = config.policy.server_pause;
  policy.failures = std::min(policy.failures, kFailures);
  return policy;
}

}  // namespace

std::optional<Event> NoteStore(Wiring& wiring, const std::string* failure) {
  const planner::ServerHealth health = Read(wiring.catalogue());
  if (failure == nullptr && health.failures == 0) return std::nullopt;
  const TimePoint now = wiring.clock().Now();
  if (failure == nullptr) {
    const planner::HealthChange change = planner::AfterSuccess(health, now);
    Write(wiring.catalogue(), change.health);
    return change.event == planner::HealthEvent::kBack ? std::optional(StoreUp()) : std::nullopt;
  }
  const planner::HealthChange change = planner::AfterFailure(health, now, PolicyOf(wiring.config()));
  Write(wiring.catalogue(), change.health);
  return change.event == planner::HealthEvent::kDown ? std::optional(StoreDown(*failure)) : std::nullopt;
}

TimePoint StoreRecoveredAt(catalogue::Catalogue& catalogue) { return Read(catalogue).recovered_at; }

bool IsStoreDown(catalogue::Catalogue& catalogue) { return Read(catalogue).failing(); }

bool StoreProbeIsDue(catalogue::Catalogue& catalogue, TimePoint now) {
  const planner::ServerHealth health = Read(catalogue);
  return health.failing() && health.paused_until <= now;
}

void ProbeStore(Wiring& wiring, const std::stop_token& stop) {
  bool answers = false;
  try {
    (void)wiring.store()->Stat(kProbe, stop);
    answers = true;
  } catch (const Error& error) {
    ThrowIfStopped(stop);
    Log(LogLevel::kWarning, "store_still_down", {{"error", error.what()}});
  }
  catalogue::Transaction transaction(wiring.catalogue());
  planner::ServerHealth health = Read(wiring.catalogue());
  const TimePoint now = wiring.clock().Now();
  // A backup has succeeded, or failed, meanwhile.
  if (!health.failing() || health.paused_until > now) return;
  if (answers) {
    // Down until a backup succeeds: one that answers and takes nothing is not asked for all of them again and again.
    health = planner::AfterFailure(health, now, PolicyOf(wiring.config())).health;
    health.recovered_at = now;
    Log(LogLevel::kInfo, "store_answers_again");
  } else {
    health.paused_until = now + wiring.config().policy.server_pause.first_pause;
  }
  Write(wiring.catalogue(), health);
  transaction.Commit();
}

}  // namespace cofre::service
