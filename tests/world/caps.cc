#include "tests/world/caps.h"

#include <fmt/format.h>

#include <algorithm>

namespace cofre::world {

using namespace std::chrono_literals;

void Caps::Planned(const Plan& plan, const service::Config& config) {
  const planner::TimeZone zone = planner::TimeZone::Find(config.time_zone);
  uint64_t refreshes = 0;
  for (const uint32_t position : plan.run) {
    const PlanEntry& entry = plan.entries[position];
    if (entry.priority == JobPriority::kRefresh) {
      ++refreshes;
      refreshes_.push_back(plan.made_at);
    } else if (++batches_[entry.batch] > config.policy.scheduled.batch_size) {
      fail_(fmt::format("the batch {} has {} databases", entry.batch, batches_[entry.batch]));
    }
  }
  if (refreshes == 0) return;
  uint64_t& hour = by_hour_[zone.BeginOfHour(plan.made_at)];
  hour += refreshes;
  if (hour > config.policy.refresh.starts_per_hour) fail_(fmt::format("{} closed years in one hour", hour));
  while (refreshes_.size() > 200) refreshes_.pop_front();
  const auto minute = static_cast<uint64_t>(
      std::ranges::count_if(refreshes_, [&](TimePoint start) { return start > plan.made_at - 1min; }));
  if (minute > config.policy.refresh.starts_per_minute) fail_(fmt::format("{} closed years in one minute", minute));
}

void Caps::Working(const std::vector<Job>& running, const service::Config& config) {
  if (running.size() > config.service.workers) fail_(fmt::format("{} jobs at once", running.size()));
}

void Caps::Running(const std::vector<Job>& running) {
  std::set<std::string> companies;
  std::map<uint32_t, uint32_t> by_server;
  for (const Job& job : running) {
    if (!companies.insert(job.company).second) fail_("two jobs of the company " + job.company);
    if (job.kind == JobKind::kBackup) ++by_server[fleet_.ServerOf(job.company)];
  }
  for (const auto& [server, count] : by_server) {
    if (count > fleet_.servers().at(server).max_concurrent) {
      fail_(fmt::format("{} backups at once on {}", count, fleet_.servers().at(server).name));
    }
  }
}

void Caps::Began(const Job& job, int64_t day) {
  // First tries, retries, those that crashes and recoveries of a server bring, and what somebody asks for.
  constexpr uint64_t kMost = 40;
  if (job.kind == JobKind::kBackup && ++tries_[{{job.company, job.fiscal_year}, day}] == kMost) {
    fail_(fmt::format("{}/{} was tried {} times within a day", job.company, job.fiscal_year, kMost));
  }
}

void Caps::Done(const Job& job) {
  if (job.reason != JobReason::kScheduled || !job.scheduled_day) return;
  if (days_.insert({{job.company, job.fiscal_year}, *job.scheduled_day}).second) return;
  fail_(fmt::format("{}/{} was backed up twice for the day {}", job.company, job.fiscal_year, *job.scheduled_day));
}

void Caps::ClockJumped() {
  by_hour_.clear();
  refreshes_.clear();
}

}  // namespace cofre::world
