#include <memory>
#include <optional>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "model/company.h"
#include "service/wake.h"

namespace cofre::cli {
namespace {

struct PauseOptions {
  std::optional<std::string> server;
};

std::string NameOf(const std::string& server) { return server.empty() ? "everything" : "server " + server; }

int RunPause(Session& session, const PauseOptions& options) {
  const std::string server = options.server ? ParseServerName(*options.server) : "";
  const bool changed = session.catalogue().AddPause(server, session.clock().Now());
  session.Say(NameOf(server) +
              (changed ? " is paused: what runs goes on, nothing more is started by itself" : " was paused already"));
  return kExitOk;
}

int RunResume(Session& session, const PauseOptions& options) {
  const std::string server = options.server ? ParseServerName(*options.server) : "";
  const bool changed = session.catalogue().RemovePause(server);
  service::Wake(session.config().state_directory);
  session.Say(NameOf(server) + (changed ? " goes on" : " was not paused"));
  for (const Pause& pause : session.catalogue().ListPauses()) session.Say(NameOf(pause.server) + " stays paused");
  return kExitOk;
}

}  // namespace

Command PauseCommand() {
  auto options = std::make_shared<PauseOptions>();
  return {
      .name = "pause",
      .summary = "Start nothing more by itself, on a server or at all",
      .details = "Lasts until cofre resume. What somebody asks for by hand is still done.",
      .examples = {{"cofre pause srv1", "its backups wait"}, {"cofre pause", "everything waits"}},
      .arguments = {{"SERVER", "only this one", &options->server}},
      .run = [options](Session& session) { return RunPause(session, *options); },
  };
}

Command ResumeCommand() {
  auto options = std::make_shared<PauseOptions>();
  return {
      .name = "resume",
      .summary = "End a pause",
      .details = "What became due meanwhile is caught up.",
      .examples = {{"cofre resume srv1", ""},
                   {"cofre resume", "the pause of everything; servers paused by name stay so"}},
      .arguments = {{"SERVER", "only this one", &options->server}},
      .run = [options](Session& session) { return RunResume(session, *options); },
  };
}

}  // namespace cofre::cli
