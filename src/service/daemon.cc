#include "service/daemon.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/process_identity.h"
#include "base/text.h"
#include "base/version.h"
#include "service/discovery.h"
#include "service/ready_databases.h"
#include "service/store_health.h"
#include "service/systemd.h"
#include "service/wake.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

constexpr auto kLease = 2min;        // of a job
constexpr auto kPlannerPause = 9s;   // of the right to plan: another node has it within 15 s of this one's death
constexpr auto kRenewEvery = 3s;     // of both
constexpr auto kLongestWait = 3s;    // other nodes' jobs end, and calls may be lost
constexpr auto kGiveUp = 20s;        // after jobs were cancelled: the catalogue takes nothing
constexpr auto kLongestLook = 1min;  // what the operator changes is seen within

// What this process is called where the configuration does not say it.
std::string OwnNodeName() {
  std::string name = AsciiLower(OwnProcessIdentity().substr(0, OwnProcessIdentity().find('/')));
  std::ranges::replace_if(
      name, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'); }, '-');
  name = name.substr(0, 40);
  return name.empty() || name.front() == '-' ? "n" + name : name;
}

void DrainDescriptor(int descriptor) {
  std::array<char, 64> bytes{};
  while (read(descriptor, bytes.data(), bytes.size()) > 0) {
  }
}

}  // namespace

Daemon::Daemon(std::shared_ptr<Wiring> wiring, DaemonHooks hooks)
    : wiring_(std::move(wiring)),
      hooks_(std::move(hooks)),
      bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      workers_(hooks_.observer, [this] {
        job_ended_ = true;
        Ring();
      }) {
  if (!bell_.valid()) throw SystemError(errno, "cannot make an event");
  node_ = wiring_->config().service.node.empty() ? OwnNodeName() : wiring_->config().service.node;
  started_ = clock().Now();
}

Daemon::~Daemon() = default;

void Daemon::Ring() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(bell_.get(), &one, sizeof one);
}

bool Daemon::TakeLease() {
  const TimePoint now = clock().Now();
  return !draining_ && catalogue().TakeLease(kPlannerLease, OwnProcessIdentity(), now, now + kPlannerPause, MayBeAlive);
}

void Daemon::RequireLease() {
  if (TakeLease()) return;
  throw Error(ErrorKind::kTransient, "another service plans now: this one was silent for too long");
}

void Daemon::SayAlive() {
  const TimePoint now = clock().Now();
  Node node{
      .name = node_, .owner = OwnProcessIdentity(), .version = std::string(kVersion), .started = started_, .seen = now};
  std::optional<Node> known = catalogue().PutNode(node, now - kNodeIsThere, MayBeAlive);
  if (!known) {
    if (!wiring_->config().service.node.empty()) {
      throw Error(ErrorKind::kUsage, "another process serves as the node " + node_,
                  "give each its own name: nodo in [servicio]");
    }
    node.name = node_ = fmt::format("{}-{}", OwnNodeName(), getpid());
    known = catalogue().PutNode(node, now - kNodeIsThere, MayBeAlive);
  }
  if (!known) return;
  if (known->draining && !draining_) {
    Log(LogLevel::kInfo, "draining", {{"node", node_}});
    catalogue().ReleaseLease(kPlannerLease, OwnProcessIdentity());
  }
  draining_ = known->draining;
}

void Daemon::Listen() {
  if (listener_ != nullptr) return;
  listener_ = catalogue::ChangeListener::Open(wiring_->config().catalogue);
  job_ended_ = true;  // what was said meanwhile was not heard
}

void Daemon::LookIfDue() {
  const TimePoint now = clock().Now();
  // A clock that was put back is looked at as well.
  const bool due = called_ || job_ended_.exchange(false) || (next_look_ && *next_look_ <= now) || now < last_look_ ||
                   last_look_ + kLongestLook <= now;
  if (!due) return;
  called_ = false;
  last_look_ = now;
  next_look_.reset();  // also where this look fails
  next_look_ =
      LookAround(catalogue(), wiring_->config(), mirror_, now, wiring_->processes(), [this] { RequireLease(); }).next;
  SweepReadyDatabases(catalogue(), wiring_->config(), now);
  DoErrandIfDue();
}

void Daemon::DoErrandIfDue() {
  if (on_errand_) return;
  if (StoreProbeIsDue(catalogue(), clock().Now())) return DoErrand("probe_failed", ProbeStore);
  if (!DiscoveryIsDue(catalogue(), wiring_->config(), clock().Now())) return;
  DoErrand("discovery_failed",
           [this](Wiring& wiring, const std::stop_token& stop) { DiscoverAll(wiring, hooks_.observer, stop); });
}

void Daemon::DoErrand(const char* failure, std::function<void(Wiring&, const std::stop_token&)> errand) {
  on_errand_ = true;
  errand_ = std::jthread([this, wiring = wiring_, failure, errand = std::move(errand)](const std::stop_token& stop) {
    try {
      errand(*wiring, stop);
    } catch (const Error& error) {
      Log(LogLevel::kWarning, failure, {{"error", error.what()}});
    }
    on_errand_ = false;
    job_ended_ = true;  // what it found may be due
    Ring();
  });
}

void Daemon::ClaimWhileFree() {
  while (!draining_ && workers_.running() < wiring_->config().service.workers) {
    const TimePoint now = clock().Now();
    auto job = catalogue().ClaimJob(
        {.owner = OwnProcessIdentity(), .node = node_, .now = now, .lease_until = now + kLease, .clock = &clock()});
    if (!job) return;
    ++done_;
    workers_.Start(std::make_shared<ActiveJob>(*std::move(job), wiring_));
  }
}

void Daemon::RenewIfDue() {
  if (clock().Monotonic() - last_renewal_ < kRenewEvery) return;
  last_renewal_ = clock().Monotonic();
  workers_.Renew(clock().Now() + kLease);
  SayAlive();
  planning_ = TakeLease();
  Listen();
}

void Daemon::Step() {
  RenewIfDue();
  if (!planning_ && !stands_by_) {
    Log(LogLevel::kInfo, "standing_by", {{"planner", RunningService(catalogue(), clock().Now()).value_or("?")}});
  }
  stands_by_ = !planning_;
  if (planning_) LookIfDue();
  ClaimWhileFree();
  hooks_.looked();
}

void Daemon::Reload() {
  DrainDescriptor(hooks_.reload_descriptor);
  if (!hooks_.reload) return;
  try {
    std::shared_ptr<Wiring> changed = hooks_.reload();
    const Config& now = wiring_->config();
    if (changed->config().catalogue != now.catalogue || changed->config().state_directory != now.state_directory) {
      throw Error(ErrorKind::kUsage, "catalogo and directorio_estado cannot change while the service runs",
                  "restart it");
    }
    wiring_ = std::move(changed);
    called_ = true;
    hooks_.reloaded(wiring_->config());
    Log(LogLevel::kInfo, "configuration_reloaded", {{"file", wiring_->config().file}});
  } catch (const Error& error) {
    Log(LogLevel::kError, "configuration_not_reloaded", {{"error", error.what()}, {"hint", error.hint()}});
  }
}

std::chrono::milliseconds Daemon::LongestWait() {
  Duration wait = kLongestWait;
  if (const auto watchdog = WatchdogInterval()) wait = std::min<Duration>(wait, *watchdog / 2);
  const TimePoint now = clock().Now();
  if (planning_ && next_look_) wait = std::min(wait, *next_look_ - now);
  try {
    if (const auto queued = catalogue().NextQueuedTime(now)) wait = std::min(wait, *queued - now);
  } catch (const Error&) {
    // The next turn says it.
  }
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, Duration(0)));
}

void Daemon::Wait(int wake) {
  std::array<pollfd, 4> watched{pollfd{bell_.get(), POLLIN, 0}, pollfd{wake, POLLIN, 0},
                                pollfd{hooks_.reload_descriptor, POLLIN, 0},
                                pollfd{listener_ == nullptr ? -1 : listener_->descriptor(), POLLIN, 0}};
  if (poll(watched.data(), watched.size(), static_cast<int>(LongestWait().count())) <= 0) return;
  if (watched[0].revents != 0) DrainDescriptor(bell_.get());
  if (watched[1].revents != 0) {
    DrainDescriptor(wake);
    called_ = true;
  }
  if (watched[2].revents != 0) Reload();
  if (watched[3].revents == 0) return;
  try {
    if (listener_->TakeCalls()) job_ended_ = true;
  } catch (const Error&) {
    listener_.reset();
  }
}

void Daemon::Serve(const std::stop_token& stop) {
  const WakeSocket wake(wiring_->config().state_directory);
  const std::stop_callback ring(stop, [this] { Ring(); });
  (void)wiring_->engine();
  SayAlive();
  planning_ = TakeLease();
  last_renewal_ = clock().Monotonic();
  Listen();
  NotifySystemd("READY=1");
  Log(LogLevel::kInfo, "service_started", {{"process", OwnProcessIdentity()}});
  while (!stop.stop_requested()) {
    try {
      Step();
    } catch (const Error& error) {
      Log(LogLevel::kError, "service_hindered", {{"error", error.what()}, {"hint", error.hint()}});
      called_ = true;  // after the wait
    }
    NotifySystemd("WATCHDOG=1");
    Wait(wake.descriptor());
  }
  NotifySystemd("STOPPING=1");
  End();
}

size_t Daemon::RunUntilIdle(const std::stop_token& stop) {
  const std::stop_callback ring(stop, [this] { Ring(); });
  (void)wiring_->engine();
  planning_ = TakeLease();
  last_renewal_ = clock().Monotonic();
  if (!planning_) {
    throw Error(ErrorKind::kTransient,
                "a service plans already: process " + RunningService(catalogue(), clock().Now()).value_or("?"),
                "it does by itself what is due; cofre backup asks it for more");
  }
  while (!stop.stop_requested()) {
    Step();
    // A job that has ended since the look calls for another one.
    if (workers_.running() == 0 && !job_ended_ && !on_errand_) break;
    Wait(-1);
  }
  End();
  return done_;
}

void Daemon::End() {
  errand_.request_stop();
  const Duration begin = clock().Monotonic();
  bool cancelled = false;
  while (workers_.running() > 0) {
    const Duration waited = clock().Monotonic() - begin;
    if (!cancelled && waited >= wiring_->config().service.stop_limit) {
      Log(LogLevel::kInfo, "jobs_cancelled", {{"count", std::to_string(workers_.running())}});
      workers_.CancelAll();
      cancelled = true;
    }
    if (waited >= wiring_->config().service.stop_limit + kGiveUp) workers_.GiveUp();
    if (clock().Monotonic() - last_renewal_ >= kRenewEvery) {
      last_renewal_ = clock().Monotonic();
      workers_.Renew(clock().Now() + kLease);
    }
    NotifySystemd("WATCHDOG=1");
    pollfd bell{bell_.get(), POLLIN, 0};
    if (poll(&bell, 1, 100) > 0) DrainDescriptor(bell_.get());
  }
  try {
    catalogue().ReleaseLease(kPlannerLease, OwnProcessIdentity());
  } catch (const Error& error) {
    // It is over soon anyway, and free at once where this process is known to be gone.
    Log(LogLevel::kWarning, "lease_not_released", {{"error", error.what()}});
  }
  Log(LogLevel::kInfo, "service_ended", {{"jobs", std::to_string(done_)}});
}

}  // namespace cofre::service
