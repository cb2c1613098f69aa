#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "service/daemon.h"
#include "service/seeing.h"

namespace cofre::cli {
namespace {

int RunServe(Session& session) {
  const std::string file = session.config().file;
  const auto wiring = std::make_shared<service::Wiring>(session.config(), session.clock());
  service::Seeing seeing(wiring->config(), wiring->catalogue(), session.clock());
  service::DaemonHooks hooks;
  hooks.observer = {.notify = [&](const service::Event& event) { seeing.Notify(event); },
                    .job_ended = [&](const Job& job) { seeing.JobEnded(job); }};
  hooks.looked = [&] { seeing.Looked(); };
  hooks.reload = [file, &clock = session.clock()] {
    return std::make_shared<service::Wiring>(service::LoadConfig(file), clock);
  };
  hooks.reloaded = [&](const service::Config& config) { seeing.Reconfigure(config); };
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
