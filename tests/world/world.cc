#include "tests/world/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/prune_job.h"
#include "engine/rebuild.h"
#include "service/discovery.h"
#include "tests/world/dice.h"
#include "tests/world/synthetic_source.h"
#include "tests/world/trouble.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongestLook = 3h;  // the service's own is a minute, for what the operator changes
constexpr auto kLooksAgain = 60s;  // where something is to run out; the service's own always
constexpr auto kRenewEvery = 3s;   // the service's own
constexpr auto kPollEvery = 60s;

// Any time of any day of a year, so that short runs see the turn of the year too.
TimePoint Beginning(uint64_t seed) {
  return ParseTime("2026-01-01T12:00:00Z").value() + 1h * static_cast<int64_t>(Mix({seed, 7}) % (365 * 24));
}

int YearOf(TimePoint time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      random_(Mix({options.seed, 2})),
      bytes_(Mix({options.seed, 4})),
      clock_(Beginning(options.seed)),
      weather_(Mix({options.seed, 3}), clock_, 2 + options.companies / 40),
      fleet_(options.seed, options.companies, YearOf(Beginning(options.seed))),
      master_key_(engine::MasterKey::Generate(random_)),
      auditor_(fleet_, store_, master_key_, clock_, options.nodes > 1, [this](const std::string& what) { Fail(what); }),
      caps_(fleet_, [this](const std::string& what) { Fail(what); }),
      planners_(clock_, [this](const std::string& what) { Fail(what); }),
      machines_(options.nodes) {
  master_key_.WriteNewFile(folder_.File("key"));
  config_ = service::ParseConfig(ConfigOfService(), folder_.File("cofre.toml"));
  catalogue_ = catalogue::Catalogue::OpenOrCreate(config().catalogue);
  fleet_.Register(*catalogue_);
  for (Machine& machine : machines_) {
    machine.name = fmt::format("node{}", 1 + (&machine - machines_.data()));
    machine.folder = folder_.File(machine.name);
    std::filesystem::create_directories(machine.folder / "state");
    StartProcess(machine);
  }
  Discover();
  At(24h, [this] { Day(); });
  if (options_.faults) trouble_ = std::make_unique<Trouble>(*this);
}

std::string World::ConfigOfService() const {
  const uint64_t dice = Mix({options_.seed, 8});
  return fmt::format(
      "almacen = \"s3:https://s3.example.com/bucket\"\nclave_maestra = \"{}\"\ncatalogo = \"{}\"\n"
      "directorio_estado = \"state\"\n[servicio]\ntrabajadores = {}\nlimpieza_horas = {}\nverificacion_dias = {}\n",
      folder_.File("key"), folder_.File("catalogue.db"), options_.companies > 100 ? 8 : 2 + dice % 4,
      dice % 2 == 0 ? 24 : 96, options_.companies > 100 ? 30 : 5 + dice % 20);
}

World::~World() = default;

void World::Fail(const std::string& what) {
  failures_.push_back(fmt::format("seed {}, {} ({:.2f} days): {}", options_.seed, FormatTime(clock_.Now()),
                                  std::chrono::duration<double>(clock_.Monotonic()).count() / 86400, what));
}

Duration World::RandomBetween(Duration least, Duration most) {
  return least + Duration(random_.Below(static_cast<uint64_t>((most - least).count())));
}

void World::RunFor(Duration span) {
  const Duration end = clock_.Monotonic() + span;
  while (clock_.Monotonic() < end && !broken()) Step(end);
}

void World::Step(Duration end) {
  const Duration next = NextTime(end);
  // Whoever comes back at this moment has yet to find out what it has missed.
  std::vector<Machine*> at_work;
  for (Machine& machine : machines_) {
    if (IsAtWork(machine)) at_work.push_back(&machine);
  }
  clock_.AdvanceTo(next);
  RenewAll(at_work);
  HoldSomebodyPlans();
  while (!events_.empty() && events_.begin()->first <= clock_.Monotonic()) {
    const std::function<void()> event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  const bool polls = poll_at_ <= clock_.Monotonic();
  if (polls) ClaimAgain();
  const size_t first = Mix({options_.seed, static_cast<uint64_t>(next.count())}) % machines_.size();
  for (size_t i = 0; i < machines_.size(); ++i) Serve(machines_[(first + i) % machines_.size()]);
  for (const Machine* machine : at_work) NoteLoss(*machine);
  HoldSomebodyPlans();
  if (!polls) return;
  const bool idle = !AnybodyRuns() && !catalogue_->NextQueuedTime(clock_.Now());
  poll_at_ = clock_.Monotonic() + kPollEvery;
  if (idle) poll_at_ = std::max(poll_at_, look_at_);
}

Duration World::NextTime(Duration end) const {
  const Duration now = clock_.Monotonic();
  Duration next = end;
  if (!events_.empty()) next = std::min(next, events_.begin()->first);
  if (AnyProcess() != nullptr) next = std::min(next, poll_at_);
  for (const Machine& machine : machines_) {
    if (machine.process != nullptr) next = std::min(next, NextTimeOf(machine));
  }
  if (!IsSteady()) next = std::min(next, now + kRenewEvery);
  return std::max(next, now);
}

Duration World::NextTimeOf(const Machine& machine) const {
  Process& process = *machine.process;
  if (process.frozen()) return process.frozen_until();
  Duration next = process.NextWake().value_or(Duration::max());
  if (process.link().down()) return std::min(next, process.link().down_until());
  if (process.planning()) next = std::min(next, std::max(look_at_, machine.hindered_until));
  if (machine.claims) next = std::min(next, machine.hindered_until);
  return next;
}

bool World::IsAtWork(const Machine& machine) {
  return machine.process != nullptr && !machine.process->frozen() && !machine.process->link().down();
}

bool World::IsFit(const Machine& machine) {
  return IsAtWork(machine) && !machine.process->draining() && machine.process->renewals() == Renewals::kArrive &&
         !machine.process->has_late_renewals();
}

bool World::IsSteady() const {
  bool possible = false;
  bool planned = false;
  for (const Machine& machine : machines_) {
    if (!IsAtWork(machine) || machine.process->draining()) continue;
    if (!IsFit(machine)) return false;
    possible = true;
    planned = planned || planners_.holder() == machine.process->identity();
  }
  return planned || !possible;
}

void World::RenewAll(std::vector<Machine*> machines) {
  // Its right was never over in between.
  std::ranges::stable_partition(
      machines, [this](Machine* machine) { return machine->process->identity() == planners_.last_holder(); });
  for (Machine* machine : machines) {
    Try(*machine, [&] { RenewIfDue(*machine); });
  }
}

void World::RenewIfDue(Machine& machine) {
  Process& process = *machine.process;
  if (clock_.Monotonic() - process.renewed_at() < kRenewEvery) return;
  const bool planned = process.planning();
  process.Renew();
  if (!planned && process.planning()) look_at_ = clock_.Monotonic();
}

void World::Try(Machine& machine, const std::function<void()>& turn) try { turn(); } catch (const Error& error) {
  machine.hindered_until = clock_.Monotonic() + kRenewEvery;
  const bool away = machine.process != nullptr && machine.process->link().down();
  const bool expected = away && error.kind() == ErrorKind::kTransient;
  if (!expected) Fail(fmt::format("the service stumbled: {}", error.what()));
}

void World::Serve(Machine& machine) {
  if (machine.process == nullptr || machine.process->frozen()) return;
  // Whoever was frozen has its threads go on in any order.
  const bool renews_first = Mix({options_.seed, static_cast<uint64_t>(clock_.Monotonic().count()), 5}) % 2 == 0;
  if (renews_first) Try(machine, [&] { RenewIfDue(machine); });
  machine.process->WakeSleepers();
  if (machine.process->dead()) return Mourn(machine);
  if (machine.process->frozen()) return;
  Collect(machine);
  Try(machine, [&] {
    RenewIfDue(machine);
    if (machine.hindered_until > clock_.Monotonic()) return;
    if (machine.process->planning() && look_at_ <= clock_.Monotonic()) Look(machine);
    Claim(machine);
  });
}

void World::Claim(Machine& machine) {
  while (machine.claims) {
    const std::optional<Job> job = machine.process->StartNext();
    machine.claims = job.has_value();
    if (!job) return;
    caps_.Began(*job, clock_.Monotonic() / 24h);
    if (machine.process->dead()) return Mourn(machine);
    if (machine.process->frozen()) return;
    HoldCaps(machine);
    if (trouble_ != nullptr) trouble_->Busy();
    Collect(machine);
  }
}

void World::ClaimAgain() {
  for (Machine& machine : machines_) machine.claims = true;
}

void World::Collect(Machine& machine) {
  for (const int64_t job : machine.process->Collect()) {
    Audit(machine, job);
    // Jobs that end within are one look. In a large world, where looks take most of the time, nobody hurries whom no
    // batch waits for.
    LookSoon(options_.companies <= 100 ? 2s : batch_waits_ ? 30s : 600s);
    ClaimAgain();
  }
}

void World::Look(Machine& machine) {
  const std::optional<service::Look> look = machine.process->Look();
  if (!look) return;
  ++counts_.looks;
  ClaimAgain();
  batch_waits_ = look->plan.Count(PlanReason::kBatchBefore) > 0;
  caps_.Planned(look->plan, config());
  look_at_ = clock_.Monotonic() + kLongestLook;
  if (look->next) look_at_ = std::min(look_at_, std::max(ToMonotonic(*look->next), clock_.Monotonic() + 1ms));
  if (SomethingRunsOut()) LookSoon(kLooksAgain);
  poll_at_ = std::min(poll_at_, clock_.Monotonic() + kPollEvery);
}

bool World::SomethingRunsOut() {
  std::set<std::string> renewing;
  for (const Machine& machine : machines_) {
    if (!IsAtWork(machine)) continue;
    if (machine.process->renewals() != Renewals::kArrive) return true;
    renewing.insert(machine.process->identity());
  }
  return std::ranges::any_of(catalogue_->ListJobs({.state = JobState::kRunning}, SIZE_MAX),
                             [&](const Job& job) { return !renewing.contains(job.owner); });
}

std::unique_ptr<sources::Source> World::MakeSource(const Server& /*server*/, const Database& database) {
  Base* base = fleet_.Find(database.company, database.fiscal_year);
  if (base == nullptr) throw Error(ErrorKind::kNotFound, "there is no such database");
  const uint64_t dice = Mix({options_.seed, std::stoull(base->company), static_cast<uint64_t>(base->fiscal_year),
                             static_cast<uint64_t>(clock_.Monotonic().count())});
  return std::make_unique<SyntheticSource>(SyntheticSource::Order{
      .fleet = fleet_, .base = *base, .weather = weather_, .clock = clock_, .current = IsCurrent(*base), .dice = dice});
}

void World::StartProcess(Machine& machine) {
  const std::string identity = fmt::format("process-{}", ++processes_);
  const Surroundings around{
      .clock = &clock_,
      .weather = &weather_,
      .planners = &planners_,
      .store = store_,
      .make_source = [this](const auto& server, const auto& base) { return MakeSource(server, base); },
      .random = &nonces_,
      .config = ConfigOfService(),
      .shared = options_.nodes > 1};
  for (const auto* ended : {&machine.gone, &machine.unclear}) {
    for (const std::string& one : *ended) planners_.Released(one);
  }
  const std::filesystem::path heir = folder_.File(fmt::format("p{}", processes_));
  machine.process = std::make_unique<Process>(around,
                                              Place{.node = machine.name,
                                                    .folder = machine.folder,
                                                    .heir = heir,
                                                    .gone = machine.gone,
                                                    .unclear = machine.unclear},
                                              identity);
  machine.folder = heir;
  machine.claims = true;
  machine.fit = false;
  LookSoon(0s);
  poll_at_ = clock_.Monotonic();
}

void World::KillProcess(Machine& machine) {
  machine.process->Kill();
  Mourn(machine);
}

void World::Mourn(Machine& machine) {
  Process& process = *machine.process;
  const std::set<std::string> victims = process.companies();
  counts_.interrupted += process.running().size();
  NoteLostClaims(process);
  process.Bury();
  ++counts_.crashes;
  if (rebooted_) machine.unclear.merge(machine.gone);
  (rebooted_ ? machine.unclear : machine.gone).insert(process.identity());
  const std::filesystem::path old = process.folder();
  machine.process.reset();
  std::filesystem::remove_all(old);
  for (const std::string& company : victims) AuditStore(company);
  Miss(downtime_);
  After(downtime_, [this, &machine] { StartProcess(machine); });
}

void World::NoteLostClaims(Process& process) {
  for (const Job& job : process.running()) {
    if (HasClaim(job)) continue;
    ++counts_.lost_claims;
    // What it leaves in the store unsaid is found at the next comparison (docs/decisions/0192): here that is at once.
    CompanyState state = catalogue_->FindCompanyState(job.company).value_or(CompanyState{.company = job.company});
    state.doubt_since = clock_.Now();
    catalogue_->PutCompanyState(state);
  }
}

void World::NoteLoss(const Machine& machine) {
  if (machine.process == nullptr || IsAtWork(machine)) return;
  const Process& process = *machine.process;
  ++(process.frozen() ? counts_.freezes : counts_.unreachable);
  Miss(std::max(process.frozen_until(), process.link().down_until()) - clock_.Monotonic());
}

void World::Miss(Duration span) {
  // Others do its work as soon as its leases are over, and locks that it holds go stale.
  constexpr auto kTakenOver = 1h;
  const bool others = std::ranges::any_of(machines_, IsFit);
  Disturb(others ? std::min<Duration>(span, kTakenOver) : span);
  LookSoon(kLooksAgain);
}

void World::Disturb(Duration span) { disturbed_until_ = std::max(disturbed_until_, clock_.Monotonic() + span); }

bool World::HasClaim(const Job& job) {
  const Job now = catalogue_->GetJob(job.id);
  return now.state == JobState::kRunning && now.token == job.token;
}

bool World::AnybodyRuns() const {
  return std::ranges::any_of(machines_, [](const Machine& machine) {
    return machine.process != nullptr && !machine.process->running().empty();
  });
}

Process* World::AnyProcess() const {
  const auto found = std::ranges::find_if(machines_, [](const Machine& machine) { return machine.process != nullptr; });
  return found == machines_.end() ? nullptr : found->process.get();
}

void World::AuditStore(const std::string& company) {
  const auto found = std::ranges::find(fleet_.companies(), company, &Company::id);
  auditor_.Whole(*found);
}

bool World::IsCurrent(const Base& base) const {
  const auto company = std::ranges::find(fleet_.companies(), base.company, &Company::id);
  const std::string zone = company->time_zone.empty() ? "America/Bogota" : company->time_zone;
  return planner::IsCurrentFiscalYear(base.fiscal_year,
                                      planner::CurrentFiscalYear(clock_.Now(), planner::TimeZone::Find(zone), 1));
}

}  // namespace cofre::world
