#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "api/api.h"
#include "base/error.h"
#include "base/random.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "service/daemon.h"
#include "service/seeing.h"

namespace cofre::cli {
namespace {

// What the configuration stands for now: the daemon's thread changes it, the API's threads read it.
class Current {
 public:
  explicit Current(std::shared_ptr<service::Wiring> wiring) : wiring_(std::move(wiring)) {}

  std::shared_ptr<service::Wiring> Get() const {
    const std::lock_guard lock(mutex_);
    return wiring_;
  }
  void Set(std::shared_ptr<service::Wiring> wiring) {
    const std::lock_guard lock(mutex_);
    wiring_ = std::move(wiring);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<service::Wiring> wiring_;
};

int RunServe(Session& session) {
  const std::string file = session.config().file;
  Clock* const true_clock = catalogue::IsShared(session.config().catalogue) ? &session.clock() : nullptr;
  const auto wiring =
      std::make_shared<service::Wiring>(session.config(), session.clock(), service::StandIns{.true_clock = true_clock});
  Current current(wiring);
  service::Seeing seeing(wiring->config(), wiring->catalogue(), session.clock());
  api::ApiService api([&] { return current.Get(); }, session.clock(), SystemRandom());
  service::DaemonHooks hooks;
  hooks.observer = {.notify = [&](const service::Event& event) { seeing.Notify(event); },
                    .job_ended =
                        [&](const Job& job) {
                          seeing.JobEnded(job);
                          api.JobEnded(job);
                        }};
  hooks.looked = [&] {
    session.RefreshClock();
    seeing.Looked();
  };
  std::shared_ptr<service::Wiring> changed;
  hooks.reload = [&, file] {
    const std::shared_ptr<service::Wiring> now = current.Get();
    changed = std::make_shared<service::Wiring>(
        service::LoadConfig(file), session.clock(),
        service::StandIns{.true_clock = true_clock, .progress = now->progress(), .bandwidths = now->bandwidths()});
    return changed;
  };
  hooks.reloaded = [&](const service::Config& config) {
    changed->bandwidths()->Apply(config);
    current.Set(std::move(changed));
    seeing.Reconfigure(config);
    api.Reconfigure();
  };
  hooks.reload_descriptor = InstallHangup();
  service::Daemon daemon(wiring, std::move(hooks));
  daemon.Serve(session.stop());
  return kExitOk;
}

}  // namespace

Command ServeCommand() {
  return {
      .name = "serve",
      .summary = "Run the service: every backup at its time, by itself",
      .details =
          "Stays in the foreground and writes its log to standard error. SIGTERM or Ctrl-C end it well: what runs may\n"
          "end (parada_segundos), the rest is cancelled and done again by the next one. SIGHUP reads the "
          "configuration\n"
          "anew, or says what is wrong with it and keeps the old one. Several services on one catalogue are no harm:\n"
          "one of them plans, all of them work.",
      .examples = {{"cofre serve", ""}},
      .run = RunServe,
  };
}

}  // namespace cofre::cli
