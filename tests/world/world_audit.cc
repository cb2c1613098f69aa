// What the world expects of the service.

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "engine/prune_job.h"
#include "engine/rebuild.h"
#include "service/discovery.h"
#include "tests/world/synthetic_source.h"
#include "tests/world/trouble.h"
#include "tests/world/world.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;

// What a job may fail with, by the doing of the world alone.
bool IsExpected(const Job& job) {
  if (job.error_kind == "transient" || job.error_kind == "quota") return true;
  return job.message.starts_with(SyntheticSource::kWrongPassword) || job.message.starts_with(SyntheticSource::kEndless);
}

}  // namespace

void World::Audit(const Machine& machine, int64_t id) {
  catalogue::Catalogue& catalogue = *catalogue_;
  const Job job = catalogue.GetJob(id);
  if (job.state == JobState::kQueued || job.state == JobState::kRunning) return;  // put back
  if (job.message.starts_with("the process that did it ended")) HoldNothingRecorded(job);
  const Base* base = fleet_.Find(job.company, job.fiscal_year);
  if (job.state == JobState::kFailed) {
    ++counts_.failed;
    if (job.error_kind == "quota") ++counts_.over_space;
    if (!IsExpected(job)) {
      Fail(fmt::format("{} of {}/{} failed: {}: {}", JobKindName(job.kind), job.company, job.fiscal_year,
                       job.error_kind, job.message));
    }
  }
  if (job.state == JobState::kInterrupted) ++counts_.interrupted;
  const bool done = job.state == JobState::kDone;
  const bool backup = job.kind == JobKind::kBackup;
  if (done && !backup) ++counts_.maintenance;
  const auto company = std::ranges::find(fleet_.companies(), job.company, &Company::id);
  const bool in_doubt = IsInDoubt(machine, job.company);
  if (done && backup) {
    caps_.Done(job);
    const bool read = ++counts_.backups % options_.read_every == 0;
    const auto rows = catalogue.ListBackups({.company = job.company, .fiscal_year = job.fiscal_year});
    // Where the clock was put back, one that a dead process had made may be as new or newer: it stays instead.
    const bool replaced = !rows.empty() && rows.front().time >= job.started &&
                          std::ranges::find(rows, job.snapshot_id, &Backup::snapshot_id) == rows.end();
    auditor_.AfterJob(catalogue, *company, in_doubt, replaced ? "" : job.snapshot_id, read);
    if (!job.message.empty()) return;  // retention failed, which is said
    const TimePoint now = clock_.Now();
    const auto kept = std::ranges::count_if(
        rows, [&](const Backup& it) { return it.time <= now && !(it.pinned_until && *it.pinned_until > now); });
    const int most = IsCurrent(*base) ? 3 : 1;
    if (kept > most) Fail(fmt::format("{} backups of {}/{} are kept", kept, job.company, job.fiscal_year));
  } else {
    auditor_.AfterJob(catalogue, *company, in_doubt, "", false);
  }
}

void World::HoldNothingRecorded(const Job& lost) {
  ++counts_.lost_claims;
  for (const Backup& backup : catalogue_->ListBackups({.company = lost.company, .fiscal_year = lost.fiscal_year})) {
    if (backup.complete_at != clock_.Now()) continue;
    Fail(fmt::format("job {} of {}/{} recorded a backup without a claim", lost.id, lost.company, lost.fiscal_year));
  }
}

bool World::IsInDoubt(const Machine& machine, const std::string& company) {
  const auto state = catalogue_->FindCompanyState(company);
  if (state && state->doubt_since) return true;
  // What one machine alone knows helps none of the others.
  if (machines_.size() == 1) {
    return !ReadFile((machine.process->folder() / "state" / "locks" / (company + ".lock")).string(), 4096).empty();
  }
  return !catalogue_->ListJobs({.company = company, .state = JobState::kRunning}, 1).empty();
}

void World::HoldCaps(const Machine& machine) {
  caps_.Working(machine.process->running(), config());
  std::vector<Job> running;
  for (const Machine& one : machines_) {
    if (one.process == nullptr) continue;
    for (Job& job : one.process->running()) {
      if (HasClaim(job)) running.push_back(std::move(job));
    }
  }
  caps_.Running(running);
}

void World::HoldSomebodyPlans() {
  constexpr auto kTakeOver = 15s;
  const Duration now = clock_.Monotonic();
  bool planned = false;
  bool possible = false;
  for (Machine& machine : machines_) {
    planned = planned || (IsAtWork(machine) && planners_.holder() == machine.process->identity());
    if (!machine.fit || !IsFit(machine)) machine.fit_since = now;
    machine.fit = IsFit(machine);
    possible = possible || now - machine.fit_since > kTakeOver;
  }
  planners_.Watch(planned, possible);
}

void World::Day() {
  At(clock_.Monotonic() + 24h, [this] { Day(); });
  const TimePoint now = clock_.Now();
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
  const auto day_of_year = (std::chrono::sys_days(date) - std::chrono::sys_days(date.year() / 1 / 1)).count();
  fleet_.AddYear(static_cast<int>(date.year()), static_cast<int>(day_of_year), clock_.Monotonic());
  for (auto& [key, base] : fleet_.bases()) {
    base.listed = random_.Below(500) != 0;
    if (base.nature == Nature::kHealthy || random_.Below(60) != 0) continue;
    base.nature = Nature::kHealthy;
    base.nature_since = clock_.Monotonic();
  }
  Discover();
  for (size_t i = 0; i <= options_.companies / 20; ++i) {
    AuditStore(fleet_.companies()[random_.Below(fleet_.companies().size())].id);
  }
  HoldNobodyStarves();
}

void World::Discover() {
  if (AnyProcess() == nullptr) return;
  for (uint32_t i = 0; i < fleet_.servers().size(); ++i) {
    const auto listing = fleet_.List(i);
    if (listing.empty()) continue;  // a server's only database is left out today: refused, as it should be
    service::ApplyListing(*catalogue_, config(), fleet_.servers()[i].name, listing, clock_.Now());
  }
  LookSoon(0s);
}

bool World::IsHealthy(const Base& base, Duration for_at_least) const {
  const Duration since = clock_.Monotonic() - for_at_least;
  const auto troubled = troubled_until_.find(base.company);
  return base.nature == Nature::kHealthy && base.nature_since <= since && base.known_since <= since - 48h &&
         (troubled == troubled_until_.end() || troubled->second <= since);
}

Duration World::Round() const { return 48h + 1h * static_cast<int64_t>(fleet_.bases().size() / 5); }

std::string World::LastTry(const BaseKey& base) const {
  const auto jobs =
      catalogue_->ListJobs({.company = base.first, .fiscal_year = base.second, .kind = JobKind::kBackup}, 1);
  const bool enabled = catalogue_->GetCompany(base.first).enabled;
  if (jobs.empty()) return fmt::format("enabled {}, never tried", enabled);
  const Job& job = jobs.front();
  return fmt::format("enabled {}; the last try, job {}, was queued at {} for the day {} and is {}: {}", enabled, job.id,
                     FormatTime(job.queued), job.scheduled_day.value_or(0), JobStateName(job.state), job.message);
}

void World::HoldNobodyStarves() {
  if (AnyProcess() == nullptr) return;
  const Duration calm = clock_.Monotonic() - disturbed_until_;
  const Duration round = Round();
  std::map<BaseKey, TimePoint> newest;
  for (const auto& backup : catalogue_->ListNewestBackups(clock_.Now())) {
    if (backup.time) newest[{backup.company, backup.fiscal_year}] = *backup.time;
  }
  for (const auto& [key, base] : fleet_.bases()) {
    const bool current = IsCurrent(base);
    const Duration settled = current ? Duration(26h) : round;
    if (calm < settled || !IsHealthy(base, settled)) continue;
    const Duration most = current ? Duration(26h) : 24h * 30 + round;
    const auto found = newest.find(key);
    if (found == newest.end()) {
      Fail(fmt::format("{}/{} has no backup; {}", key.first, key.second, LastTry(key)));
    } else if (found->second < clock_.Now() - most) {
      Fail(fmt::format("the newest backup of {}/{} is of {}; {}", key.first, key.second, FormatTime(found->second),
                       LastTry(key)));
    }
  }
}

void World::EndWell() {
  if (trouble_ != nullptr) trouble_->End();
  weather_.Clear();
  RunFor(12h);  // whoever was down is back, whatever was paused goes on
  while (AnyProcess() == nullptr) RunFor(1h);
  for (const Pause& pause : catalogue_->ListPauses()) catalogue_->RemovePause(pause.server);
  LookSoon(0s);
  disturbed_until_ = clock_.Monotonic();
  RunFor(Round() + 1h);
  while (AnybodyRuns()) RunFor(1min);
  HoldNobodyStarves();
  Process& process = *AnyProcess();
  const engine::Context& context = process.wiring().engine();
  engine::Context rebuilt = context;
  const auto anew = catalogue::Catalogue::OpenOrCreate((process.folder() / "rebuilt.db").string());
  rebuilt.catalogue = anew.get();
  for (const Company& company : fleet_.companies()) {
    if (catalogue_->ListBackups({.company = company.id}).empty()) continue;
    try {
      (void)engine::RunPrune(context, company.id, {.max_unused = 0}, {});
    } catch (const Error& error) {
      Fail(fmt::format("the last prune of {}: {}", company.id, error.what()));
    }
    auditor_.AtTheEnd(*catalogue_, company);
  }
  for (const auto& problem : engine::RebuildCatalogue(rebuilt, {}, {}).problems) {
    Fail(fmt::format("rebuilding {}: {}", problem.repository, problem.message));
  }
  const auto ids = [](catalogue::Catalogue& from) {
    std::set<std::string> all;
    for (const Backup& backup : from.ListBackups()) all.insert(backup.snapshot_id);
    return all;
  };
  if (ids(*catalogue_) != ids(*anew)) Fail("a catalogue made from the bucket has other backups");
}

std::string World::Summary() const {
  const FaultCounts& faults = weather_.counts();
  return fmt::format(
      "seed {}: {:.0f} days, {} companies, {} databases: {} backups, {} maintenance jobs, {} failed jobs ({} for want "
      "of space), {} interrupted; {} crashes, {} stops, {} clock jumps, {} store troubles, {} server troubles; {} "
      "requests, {} errors, {} lost answers, {} half answers; {} looks; {} backups read back, {} repositories checked; "
      "{}{} failures",
      options_.seed, std::chrono::duration<double>(clock_.Monotonic()).count() / 86400, options_.companies,
      fleet_.bases().size(), counts_.backups, counts_.maintenance, counts_.failed, counts_.over_space,
      counts_.interrupted, counts_.crashes - counts_.stops, counts_.stops, counts_.clock_jumps, counts_.store_troubles,
      counts_.server_troubles, faults.requests.load(), faults.errors.load(), faults.lost_answers.load(),
      faults.halves.load(), counts_.looks, auditor_.counts().restored, auditor_.counts().checked, SummaryOfNodes(),
      failures_.size());
}

std::string World::SummaryOfNodes() const {
  if (machines_.size() == 1) return "";
  return fmt::format(
      "{} nodes: {} takeovers, {} freezes, {} drains, {} times no catalogue, {} troubles of renewals, {} jobs went on "
      "without a claim; ",
      machines_.size(), planners_.takeovers(), counts_.freezes, counts_.drains, counts_.unreachable,
      counts_.renewal_troubles, counts_.lost_claims);
}

}  // namespace cofre::world
