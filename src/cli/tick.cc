#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "service/daemon.h"
#include "service/seeing.h"

namespace cofre::cli {
namespace {

// How long it waits for receivers of alerts.
constexpr std::chrono::seconds kFlush{30};

struct TickOptions {
  std::optional<std::string> at;
};

// The machine's clock, moved.
class ShiftedClock : public Clock {
 public:
  ShiftedClock(Clock& below, Duration shift) : below_(below), shift_(shift) {}
  TimePoint Now() const override { return below_.Now() + shift_; }
  Duration Monotonic() const override { return below_.Monotonic(); }
  void SleepFor(Duration pause, std::stop_token stop) override { below_.SleepFor(pause, std::move(stop)); }

 private:
  Clock& below_;
  Duration shift_;
};

int RunTick(Session& session, const TickOptions& options) {
  const service::Config& config = session.config();
  Duration shift{};
  if (options.at) {
    const auto at = ParseTime(*options.at);
    if (!at) {
      throw Error(ErrorKind::kUsage, "--at is not a time: " + *options.at, "write it as in 2026-11-24T01:00:00-05:00");
    }
    shift = *at - session.clock().Now();
  }
  ShiftedClock clock(session.clock(), shift);
  size_t done = 0;
  {
    const auto wiring = std::make_shared<service::Wiring>(config, clock);
    service::Config quiet = config;
    quiet.metrics = {};  // nobody could ask in time
    service::Seeing seeing(quiet, wiring->catalogue(), clock);
    service::DaemonHooks hooks;
    hooks.observer = {.notify = [&](const service::Event& event) { seeing.Notify(event); },
                      .job_ended = [&](const Job& job) { seeing.JobEnded(job); }};
    hooks.looked = [&] { seeing.Looked(); };
    service::Daemon daemon(wiring, std::move(hooks));
    done = daemon.RunUntilIdle(session.stop());
    seeing.Flush(kFlush);
  }
  if (session.stop().stop_requested()) throw Error(ErrorKind::kCancelled, "cancelled");
  session.Say(fmt::format("{} jobs done", done));
  return kExitOk;
}

}  // namespace

Command TickCommand() {
  auto options = std::make_shared<TickOptions>();
  return {
      .name = "tick",
      .summary = "Do what is due now, and end: the service for cron and timers",
      .details =
          "One pass: what is due is done, batch after batch, with as many workers as the service has; then it ends.\n"
          "Run it every minute, or at least every hour a little after minute 0. How its jobs ended is in the log and\n"
          "in the catalogue; the exit code only says whether the pass itself could be made.\n"
          "--at is for rehearsals: everything, backups included, is done as if it were that time.",
      .examples = {{"cofre tick", ""}, {"cofre tick --at 2026-11-24T01:00:00-05:00", "as if it were then"}},
      .options = {{"--at", "TIME", "as if it were this time (RFC 3339)", &options->at}},
      .run = [options](Session& session) { return RunTick(session, *options); },
  };
}

}  // namespace cofre::cli
