#include "planner/server_health.h"

#include <algorithm>

namespace cofre::planner {

HealthChange AfterSuccess(const ServerHealth& health, TimePoint now) {
  if (!health.failing()) return {{.recovered_at = health.recovered_at}, HealthEvent::kNone};
  return {{.recovered_at = now}, HealthEvent::kBack};
}

HealthChange AfterFailure(const ServerHealth& health, TimePoint now, const ServerPausePolicy& policy, int attempt) {
  if (!health.failing() && attempt > 1) return {health, HealthEvent::kNone};
  ServerHealth after = health;
  ++after.failures;
  if (health.paused_until > now) return {after, HealthEvent::kNone};
  if (!health.failing() && after.failures < policy.failures) return {after, HealthEvent::kNone};
  std::chrono::minutes pause = policy.first_pause;
  for (uint32_t i = 0; i < health.pauses && pause < policy.longest_pause; ++i) pause *= 2;
  after.paused_until = now + std::min(pause, policy.longest_pause);
  ++after.pauses;
  return {after, health.failing() ? HealthEvent::kNone : HealthEvent::kDown};
}

}  // namespace cofre::planner
