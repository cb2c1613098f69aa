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
constexpr auto kRenewEvery = 60s;

const char* const kConfig = R"(almacen = "s3:https://s3.example.com/bucket"
clave_maestra = "key"
directorio_estado = "state"
)";

// Any time of any day of a year, so that short runs see the turn of the year too.
TimePoint Beginning(uint64_t seed) {
  return ParseTime("2026-01-01T12:00:00Z").value() + 1h * static_cast<int64_t>(Mix({seed, 7}) % (365 * 24));
}

std::string ConfigText(const WorldOptions& options) {
  const uint64_t dice = Mix({options.seed, 8});
  return kConfig + fmt::format("[servicio]\ntrabajadores = {}\nlimpieza_horas = {}\nverificacion_dias = {}\n",
                               options.companies > 100 ? 8 : 2 + dice % 4, dice % 2 == 0 ? 24 : 96,
                               options.companies > 100 ? 30 : 5 + dice % 20);
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
      auditor_(fleet_, store_, master_key_, clock_, [this](const std::string& what) { Fail(what); }),
      caps_(fleet_, [this](const std::string& what) { Fail(what); }) {
  place_ = folder_.File("p0");
  std::filesystem::create_directories(place_ / "state");
  master_key_.WriteNewFile((place_ / "key").string());
  const auto config = service::ParseConfig(ConfigText(options_), (place_ / "cofre.toml").string());
  fleet_.Register(*catalogue::Catalogue::OpenOrCreate(config.catalogue));
  StartProcess();
  Discover();
  At(24h, [this] { Day(); });
  if (options_.faults) trouble_ = std::make_unique<Trouble>(*this);
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
  Duration next = end;
  if (!events_.empty()) next = std::min(next, events_.begin()->first);
  if (process_ != nullptr) {
    next = std::min({next, look_at_, renew_at_});
    if (const auto wake = process_->NextWake()) next = std::min(next, *wake);
  }
  clock_.AdvanceTo(std::max(next, clock_.Monotonic()));
  while (!events_.empty() && events_.begin()->first <= clock_.Monotonic()) {
    const std::function<void()> event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  if (process_ == nullptr) return;
  try {
    Serve();
  } catch (const Error& error) {
    Fail(fmt::format("the service stumbled: {}", error.what()));
  }
}

void World::Serve() {
  process_->WakeSleepers();
  if (process_->dead()) return Mourn();
  Collect();
  if (look_at_ <= clock_.Monotonic()) Look();
  if (renew_at_ <= clock_.Monotonic()) claims_ = true;
  while (claims_) {
    const std::optional<Job> job = process_->StartNext();
    claims_ = job.has_value();
    if (!job) break;
    caps_.Began(*job, clock_.Monotonic() / 24h);
    if (process_->dead()) return Mourn();
    caps_.Running(process_->running(), process_->config());
    if (trouble_ != nullptr) trouble_->Busy();
    Collect();
  }
  if (renew_at_ > clock_.Monotonic()) return;
  process_->Renew();
  const bool idle = process_->running().empty() && !process_->catalogue().NextQueuedTime(clock_.Now());
  renew_at_ = idle ? look_at_ : clock_.Monotonic() + kRenewEvery;
}

void World::Collect() {
  for (const int64_t job : process_->Collect()) {
    Audit(job);
    // Jobs that end within are one look. In a large world, where looks take most of the time, nobody hurries whom no
    // batch waits for.
    LookSoon(options_.companies <= 100 ? 2s : batch_waits_ ? 30s : 600s);
    claims_ = true;
  }
}

void World::Look() {
  const service::Look look = process_->Look();
  ++counts_.looks;
  claims_ = true;
  batch_waits_ = look.plan.Count(PlanReason::kBatchBefore) > 0;
  caps_.Planned(look.plan, process_->config());
  look_at_ = clock_.Monotonic() + kLongestLook;
  if (look.next) look_at_ = std::min(look_at_, std::max(ToMonotonic(*look.next), clock_.Monotonic() + 1ms));
  renew_at_ = std::min(renew_at_, clock_.Monotonic() + kRenewEvery);
}

std::unique_ptr<sources::Source> World::MakeSource(const Server& /*server*/, const Database& database) {
  Base* base = fleet_.Find(database.company, database.fiscal_year);
  if (base == nullptr) throw Error(ErrorKind::kNotFound, "there is no such database");
  const uint64_t dice = Mix({options_.seed, std::stoull(base->company), static_cast<uint64_t>(base->fiscal_year),
                             static_cast<uint64_t>(clock_.Monotonic().count())});
  return std::make_unique<SyntheticSource>(SyntheticSource::Order{
      .fleet = fleet_, .base = *base, .weather = weather_, .clock = clock_, .current = IsCurrent(*base), .dice = dice});
}

void World::StartProcess() {
  const std::string identity = fmt::format("process-{}", ++processes_);
  const Surroundings around{
      .clock = &clock_,
      .weather = &weather_,
      .store = store_,
      .make_source = [this](const auto& server, const auto& base) { return MakeSource(server, base); },
      .random = &nonces_,
      .config = ConfigText(options_)};
  process_ = std::make_unique<Process>(around, place_, identity, gone_, unclear_);
  place_ = folder_.File(fmt::format("p{}", processes_));
  look_at_ = renew_at_ = clock_.Monotonic();
}

void World::KillProcess() {
  if (process_ == nullptr) return;
  process_->Kill(place_);
  Mourn();
}

void World::Mourn() {
  const std::set<std::string> victims = process_->companies();
  counts_.interrupted += process_->running().size();
  process_->Bury();
  ++counts_.crashes;
  if (rebooted_) unclear_.merge(gone_);
  (rebooted_ ? unclear_ : gone_).insert(process_->identity());
  const std::filesystem::path old = process_->folder();
  process_.reset();
  std::filesystem::remove_all(old);
  for (const std::string& company : victims) AuditStore(company);
  disturbed_until_ = std::max(disturbed_until_, clock_.Monotonic() + downtime_);
  After(downtime_, [this] { StartProcess(); });
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
