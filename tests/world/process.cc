#include "tests/world/process.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "service/daemon.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;

constexpr auto kLease = 2min;

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
    } else if (at->path().extension() != ".db-shm") {
      std::filesystem::copy_file(at->path(), target, gone);
    }
  }
}

}  // namespace

Process::Process(const Surroundings& around, std::filesystem::path folder, std::string identity,
                 const std::set<std::string>& gone, const std::set<std::string>& unclear)
    : around_(around), folder_(std::move(folder)), identity_(std::move(identity)) {
  std::set<std::string> ended = gone;
  ended.insert(unclear.begin(), unclear.end());
  processes_ = {.may_live = [ended](const std::string& owner) { return !ended.contains(owner); },
                .lives = [own = identity_](const std::string& owner) { return owner == own; }};
  service::StandIns stand_ins{
      .store = around_.weather->MakeStore(around_.store, dead_),
      .make_source = around_.make_source,
      .environment = repository::Environment{.random = around_.random,
                                             .hostname = "node1",
                                             .process_id = 1,
                                             .process_identity = identity_,
                                             .has_ended = [gone](const std::string& it) { return gone.contains(it); }},
      .processes = processes_};
  wiring_ = std::make_shared<service::Wiring>(service::ParseConfig(around_.config, (folder_ / "cofre.toml").string()),
                                              *around_.clock, std::move(stand_ins));
  (void)wiring_->engine();
}

Process::~Process() {
  if (!dead()) StopGracefully();
}

service::Look Process::Look() {
  const TimePoint now = around_.clock->Now();
  if (!catalogue().TakeLease(service::kPlannerLease, identity_, now, now + kLease, processes_.may_live)) {
    throw Error(ErrorKind::kPermanent, "the right to plan is somebody else's");
  }
  return service::LookAround(catalogue(), config(), mirror_, now, processes_);
}

std::optional<Job> Process::StartNext() {
  if (dead() || running_.size() >= config().service.workers) return std::nullopt;
  const TimePoint now = around_.clock->Now();
  auto job = catalogue().ClaimJob({.owner = identity_, .now = now, .lease_until = now + kLease});
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
    if (dead()) return;
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

void Process::Renew() {
  for (const Running& running : running_) running.job->Renew(around_.clock->Now() + kLease);
}

void Process::Kill(const std::filesystem::path& heir) {
  *dead_ = true;
  give_up_.request_stop();
  CopyFolder(folder_, heir);
}

void Process::Bury() {
  for (Running& running : running_) {
    running.actor->Hurry();
    while (!running.actor->ended()) running.actor->TakeTurn();
  }
  running_.clear();
}

void Process::StopGracefully() {
  for (Running& running : running_) {
    running.job->Cancel();
    running.actor->Hurry();
    while (!running.actor->ended()) running.actor->TakeTurn();
  }
  running_.clear();
  catalogue().ReleaseLease(service::kPlannerLease, identity_);
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
