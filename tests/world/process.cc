#include "tests/world/process.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "service/daemon.h"
#include "tests/world/dice.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;

// The daemon's.
constexpr auto kLease = 2min;
constexpr auto kPlannerPause = 9s;

// What a machine finds after its process was killed. Files that come and go meanwhile (copies of small objects) may be
// missing.
void CopyFolder(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::create_directories(to);
  for (std::filesystem::recursive_directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const auto target = to / std::filesystem::relative(at->path(), from);
    std::error_code gone;
    if (at->is_directory(gone)) {
      std::filesystem::create_directories(target);
    } else {
      std::filesystem::copy_file(at->path(), target, gone);
    }
  }
}

// A fleet has one clock (docs/decisions/0191): there a lease that is over is over.
service::Processes ProcessesOf(const Surroundings& around, const Place& place, const std::string& identity) {
  std::set<std::string> ended = place.gone;
  ended.insert(place.unclear.begin(), place.unclear.end());
  return {
      .may_live = [ended = std::move(ended)](const std::string& owner) { return !ended.contains(owner); },
      .lives = [shared = around.shared, identity](const std::string& owner) { return !shared && owner == identity; }};
}

}  // namespace

Process::Process(const Surroundings& around, Place place, std::string identity)
    : around_(around),
      place_(std::move(place)),
      identity_(std::move(identity)),
      started_(around_.clock->Now()),
      processes_(ProcessesOf(around_, place_, identity_)) {
  const Fate fate{.is_dead = [this] { return dead(); },
                  .kill = [this] { Kill(); },
                  .lose = [this](Loss loss, Duration span) { Lose(loss, span); }};
  service::StandIns stand_ins{
      .store = around_.weather->MakeStore(around_.store, fate),
      .make_source = around_.make_source,
      .environment = repository::Environment{.random = around_.random,
                                             .hostname = place_.node,
                                             .process_id = 1,
                                             .process_identity = identity_,
                                             .has_ended = [gone = place_.gone](
                                                              const std::string& it) { return gone.contains(it); }},
      .processes = processes_};
  wiring_ =
      std::make_shared<service::Wiring>(service::ParseConfig(around_.config, (place_.folder / "cofre.toml").string()),
                                        *around_.clock, std::move(stand_ins));
  link_.OpenThrough([this] { (void)wiring_->engine(); });
}

Process::~Process() {
  if (!dead()) StopGracefully();
}

void Process::Renew() {
  renewed_at_ = around_.clock->Monotonic();
  SayAlive();
  Send(around_.clock->Now());
  ArriveLate();
}

void Process::SayAlive() {
  const TimePoint now = around_.clock->Now();
  const auto known =
      catalogue().PutNode({.name = place_.node, .owner = identity_, .version = "1", .started = started_, .seen = now},
                          now - service::kNodeIsThere, processes_.may_live);
  if (!known) throw Error(ErrorKind::kPermanent, "another process serves as the node " + place_.node);
  if (known->draining && !draining_) ReleaseLease();
  draining_ = known->draining;
}

void Process::SetRenewals(Renewals renewals, Duration until) {
  renewals_ = renewals;
  renewals_until_ = until;
}

void Process::Send(TimePoint sent) {
  const Duration now = around_.clock->Monotonic();
  switch (renewals()) {
    case Renewals::kLost:
      return;
    case Renewals::kLate:
      late_.push_back({now + 1s * static_cast<int64_t>(Mix({static_cast<uint64_t>(now.count())}) % 60), sent});
      return;
    case Renewals::kReordered:
      if (late_.empty()) return late_.push_back({now + 1s, sent});
      break;
    case Renewals::kArrive:
      break;
  }
  Arrive(sent);
}

void Process::ArriveLate() {
  const auto due = std::stable_partition(
      late_.begin(), late_.end(), [now = around_.clock->Monotonic()](auto& renewal) { return renewal.arrives > now; });
  const std::vector<Renewal> arrived(due, late_.end());
  late_.erase(due, late_.end());
  for (const Renewal& renewal : arrived) Arrive(renewal.sent);
}

void Process::Arrive(TimePoint sent) {
  for (const Running& running : running_) {
    if (!running.actor->ended()) running.job->Renew(sent + kLease);
  }
  planning_ = !draining_ && TakeLease(sent);
}

bool Process::TakeLease(TimePoint now) {
  const TimePoint until = now + kPlannerPause;
  if (!catalogue().TakeLease(service::kPlannerLease, identity_, now, until, processes_.may_live)) return false;
  around_.planners->Granted(identity_, until);
  return true;
}

void Process::RequireLease() {
  planning_ = TakeLease(around_.clock->Now());
  if (!planning_) throw Error(ErrorKind::kTransient, "another service plans now");
}

void Process::ReleaseLease() {
  catalogue().ReleaseLease(service::kPlannerLease, identity_);
  around_.planners->Released(identity_);
  planning_ = false;
}

std::optional<service::Look> Process::Look() {
  const TimePoint now = around_.clock->Now();
  try {
    service::Look look =
        service::LookAround(catalogue(), config(), mirror_, now, processes_, [this] { RequireLease(); });
    around_.planners->Looked(identity_);
    return look;
  } catch (const Error&) {
    if (planning_) throw;
    return std::nullopt;
  }
}

std::optional<Job> Process::StartNext() {
  if (dead() || draining_ || running_.size() >= config().service.workers) return std::nullopt;
  const TimePoint now = around_.clock->Now();
  auto job = catalogue().ClaimJob({.owner = identity_, .node = place_.node, .now = now, .lease_until = now + kLease});
  if (!job) return job;
  around_.weather->BeginJob(job->company, job->id);
  auto active = std::make_shared<service::ActiveJob>(*job, wiring_);
  auto actor = std::make_unique<Actor>(*around_.clock,
                                       [active, token = give_up_.get_token()] { service::RunJob(*active, {}, token); });
  Running& running = running_.emplace_back(Running{std::move(active), std::move(actor)});
  running.actor->TakeTurn();
  return job;
}

std::vector<int64_t> Process::Collect() {
  std::vector<int64_t> ended;
  for (auto at = running_.begin(); at != running_.end();) {
    if (at->actor->ended()) {
      ended.push_back(at->job->job().id);
      at = running_.erase(at);
    } else {
      ++at;
    }
  }
  return ended;
}

void Process::WakeSleepers() {
  for (Running& running : running_) {
    if (!running.actor->ended() && running.actor->wakes_at() <= around_.clock->Monotonic()) running.actor->TakeTurn();
    if (dead() || frozen()) return;
  }
}

std::optional<Duration> Process::NextWake() const {
  std::optional<Duration> next;
  for (const Running& running : running_) {
    const Duration at = running.actor->ended() ? around_.clock->Monotonic() : running.actor->wakes_at();
    next = std::min(next.value_or(at), at);
  }
  return next;
}

void Process::Kill() {
  dead_ = true;
  link_.CutForGood();
  give_up_.request_stop();
  CopyFolder(place_.folder, place_.heir);
}

void Process::Bury() {
  for (Running& running : running_) {
    running.actor->Hurry();
    while (!running.actor->ended()) running.actor->TakeTurn();
  }
  running_.clear();
}

void Process::StopGracefully() {
  // It does not wait for ever for a catalogue that is out of reach.
  if (link_.down()) give_up_.request_stop();
  for (Running& running : running_) {
    running.job->Cancel();
    running.actor->Hurry();
    while (!running.actor->ended()) running.actor->TakeTurn();
  }
  running_.clear();
  if (!link_.down()) ReleaseLease();
}

void Process::Lose(Loss loss, Duration span) {
  const Duration until = around_.clock->Monotonic() + span;
  if (loss == Loss::kItself) {
    frozen_until_ = until.count();
  } else {
    link_.BreakUntil(until);
  }
}

std::vector<Job> Process::running() const {
  std::vector<Job> jobs;
  for (const Running& running : running_) {
    if (!running.actor->ended()) jobs.push_back(running.job->job());
  }
  return jobs;
}

std::set<std::string> Process::companies() const {
  std::set<std::string> companies;
  for (const Running& running : running_) companies.insert(running.job->job().company);
  return companies;
}

}  // namespace cofre::world
