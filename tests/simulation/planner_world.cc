#include "tests/simulation/planner_world.h"

#include <algorithm>
#include <array>

#include "planner/load.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 7> kZones = {"America/Bogota", "America/New_York",    "America/Santiago",
                                               "Europe/Madrid",  "Australia/Lord_Howe", "America/Nuuk",
                                               "Asia/Kathmandu"};

Nature RandomNature(Random& random) {
  const uint64_t dice = random.Below(100);
  if (dice < 80) return Nature::kHealthy;
  if (dice < 90) return Nature::kFlaky;
  return dice < 95 ? Nature::kNeverWorks : Nature::kAlwaysBreaks;
}

void AddCompany(World& world, Random& random) {
  Fleet& fleet = world.fleet;
  const auto company = static_cast<uint32_t>(fleet.companies.size());
  // Half of them when clocks change.
  const uint64_t minute = random.Below(2) == 0 ? 150 : random.Below(1440);
  fleet.companies.push_back({.key = KeyOf(std::to_string(company)),
                             .server = static_cast<uint32_t>(random.Below(fleet.servers.size())),
                             .zone = static_cast<uint16_t>(random.Below(fleet.zones.size())),
                             .backup_minute = static_cast<uint16_t>(minute),
                             .first_fiscal_month = static_cast<uint8_t>(random.Below(4) == 0 ? 7 : 1),
                             .enabled = random.Below(20) != 0});
  const auto newest_year = static_cast<int>(2025 + random.Below(3));
  for (int years = 1 + static_cast<int>(random.Below(6)); years > 0; --years) {
    DatabaseFacts database{
        .company = company, .fiscal_year = static_cast<int16_t>(newest_year - years + 1), .known_since = world.from};
    if (random.Below(2) == 0) database.newest_backup = world.from - 1h * static_cast<int64_t>(random.Below(24 * 60));
    fleet.databases.push_back(database);
    world.natures.push_back(RandomNature(random));
  }
}

}  // namespace

FleetSimulation::Options World::SimulationOptions() const {
  return {
      .policy = policy, .workers = 8, .seed = seed, .job = [this](uint32_t database, TimePoint now, Random& random) {
        SimulatedJob job{.length = 10s + 1s * static_cast<int64_t>(random.Below(300))};
        const uint32_t server = fleet.companies[fleet.databases[database].company].server;
        const bool server_down = std::ranges::any_of(outages, [&](const Outage& outage) {
          return outage.server == server && outage.from <= now && now < outage.to;
        });
        const Nature nature = natures[database];
        if (server_down || (nature == Nature::kFlaky && random.Below(3) == 0) || nature == Nature::kAlwaysBreaks) {
          job.outcome = Outcome::kTransient;
        } else if (nature == Nature::kNeverWorks) {
          job.outcome = random.Below(4) == 0 ? Outcome::kOverSpace : Outcome::kPermanent;
        }
        return job;
      }};
}

World RandomWorld(uint64_t seed) {
  SeededRandom random(seed);
  World world{.seed = seed};
  world.from = ParseTime("2026-01-01T00:00:00Z").value() + 24h * static_cast<int64_t>(random.Below(365));
  for (const char* zone : kZones) world.fleet.zones.push_back(TimeZone::Find(zone));
  std::swap(world.fleet.zones[0], world.fleet.zones[random.Below(kZones.size())]);
  for (uint64_t servers = 1 + random.Below(4); servers > 0; --servers) {
    world.fleet.servers.push_back(
        {.name = std::to_string(servers), .max_concurrent = 1 + static_cast<uint32_t>(random.Below(4))});
  }
  for (int i = 0; i < 40; ++i) AddCompany(world, random);
  world.policy.scheduled.batch_size = 1 + static_cast<uint32_t>(random.Below(20));
  world.policy.refresh.candidates = 5 + static_cast<uint32_t>(random.Below(50));
  world.policy.refresh.starts_per_hour = 2 + static_cast<uint32_t>(random.Below(9));
  world.policy.refresh.starts_per_minute = 1 + static_cast<uint32_t>(random.Below(10));
  world.policy.refresh.level = random.Below(2) == 0;
  if (random.Below(2) == 0) world.policy.refresh.windows = ParseTimeWindows("22:00-06:30=12, 06:30-20:00=2");
  RequireValid(world.policy);
  return world;
}

PromiseKeeper::PromiseKeeper(const World& world)
    : world_(world),
      days_(world.natures.size()),
      last_attempts_(world.natures.size(), kNoTime),
      backups_(world.natures.size()) {
  for (size_t i = 0; i < backups_.size(); ++i) {
    backups_[i] = world.fleet.databases[i].newest_backup == kNoTime ? 0 : 1;
  }
}

uint32_t PromiseKeeper::HourlyCap(TimePoint now) const {
  for (const TimeWindow& window : world_.policy.refresh.windows) {
    if (window.Contains(world_.fleet.zones[0].MinuteOfDay(now))) return window.starts_per_hour;
  }
  return world_.policy.refresh.starts_per_hour;
}

void PromiseKeeper::HoldRefreshCaps(const Plan& plan, size_t starts) {
  if (starts == 0) return;
  const TimePoint now = plan.made_at;
  size_t& in_hour = refreshes_[world_.fleet.zones[0].BeginOfHour(now)];
  in_hour += starts;
  EXPECT_LE(in_hour, HourlyCap(now)) << "over the hourly cap";
  recent_refreshes_.insert(recent_refreshes_.end(), starts, now);
  while (recent_refreshes_.size() > 200) recent_refreshes_.pop_front();
  const auto in_minute = std::ranges::count_if(
      recent_refreshes_, [&](TimePoint start) { return start > now - 1min && start < now + 1min; });
  EXPECT_LE(in_minute, world_.policy.refresh.starts_per_minute) << "over the cap of a minute";
}

void PromiseKeeper::HoldBatches(const Plan& plan, const Fleet& fleet) {
  for (const uint32_t i : plan.run) {
    const PlanEntry& entry = plan.entries[i];
    if (entry.priority != JobPriority::kScheduled) continue;
    for (const JobFacts& job : fleet.jobs) {
      const bool paused = IsPaused(fleet.servers[fleet.companies[job.company].server], plan.made_at);
      EXPECT_TRUE(job.batch == 0 || job.batch >= entry.batch || (!job.running && paused) ||
                  batches_.contains(entry.batch))
          << "batch " << entry.batch << " began before batch " << job.batch << " had ended";
    }
    EXPECT_LE(++batches_[entry.batch], world_.policy.scheduled.batch_size) << "over the size of a batch";
    EXPECT_GE(entry.batch, batches_.rbegin()->first) << "a batch that had ended took one more";
    late_ += entry.late ? 1 : 0;
  }
}

void PromiseKeeper::Planned(const Plan& plan, const Fleet& fleet) {
  SCOPED_TRACE("seed " + std::to_string(world_.seed) + " at " + FormatTime(plan.made_at));
  std::set<uint32_t> companies;
  for (const JobFacts& job : fleet.jobs) EXPECT_TRUE(companies.insert(job.company).second) << "two jobs of a company";
  size_t refreshes = 0;
  for (const uint32_t i : plan.run) {
    const CompanyFacts& company = fleet.companies[fleet.databases[i].company];
    EXPECT_TRUE(plan.entries[i].runs());
    EXPECT_TRUE(company.enabled) << "ran for a disabled company";
    EXPECT_FALSE(IsPaused(fleet.servers[company.server], plan.made_at)) << "ran on a paused server";
    EXPECT_TRUE(companies.insert(fleet.databases[i].company).second) << "two jobs of a company";
    if (plan.entries[i].priority == JobPriority::kRefresh) ++refreshes;
  }
  size_t planned = 0;
  for (const PlanEntry& entry : plan.entries) planned += entry.runs() ? 1 : 0;
  EXPECT_EQ(planned, plan.run.size());
  EXPECT_TRUE(!plan.next_event || *plan.next_event > plan.made_at);
  HoldRefreshCaps(plan, refreshes);
  HoldBatches(plan, fleet);
}

void PromiseKeeper::Started(uint32_t database, const PlanEntry& /*entry*/, TimePoint now, size_t /*running*/) {
  SCOPED_TRACE("seed " + std::to_string(world_.seed) + " at " + FormatTime(now));
  last_attempts_[database] = now;
  running_.insert(database);
  std::map<uint32_t, uint32_t> on_server;
  for (const uint32_t it : running_) ++on_server[world_.fleet.companies[world_.fleet.databases[it].company].server];
  for (const auto& [server, count] : on_server) {
    EXPECT_LE(count, world_.fleet.servers[server].max_concurrent) << "over the limit of a server";
  }
}

void PromiseKeeper::Ended(uint32_t database, const PlanEntry& entry, Outcome outcome, TimePoint now,
                          const std::vector<TimePoint>& backups) {
  SCOPED_TRACE("seed " + std::to_string(world_.seed) + " at " + FormatTime(now));
  running_.erase(database);
  EXPECT_TRUE(backups_[database] == 0 || !backups.empty()) << "a database lost its last backup";
  backups_[database] = backups.size();
  if (outcome != Outcome::kDone) return;
  ASSERT_FALSE(backups.empty());
  const DatabaseFacts& facts = world_.fleet.databases[database];
  const CompanyFacts& company = world_.fleet.companies[facts.company];
  const TimeZone& zone = world_.fleet.zones[company.zone];
  const bool is_current =
      IsCurrentFiscalYear(facts.fiscal_year, CurrentFiscalYear(now, zone, company.first_fiscal_month));
  const auto kept = std::ranges::count_if(backups, [&](TimePoint time) { return time <= now; });
  EXPECT_LE(kept, is_current ? 3 : 1) << "more backups than retention allows";
  if (entry.priority != JobPriority::kScheduled) return;
  EXPECT_TRUE(days_[database].insert(entry.day).second) << "twice for " << FormatDay(entry.day);
}

}  // namespace cofre::planner
