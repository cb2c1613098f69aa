#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/table.h"
#include "service/notifier.h"

namespace cofre::cli {
namespace {

using service::Json;

int RunList(Session& session) {
  std::vector<Alert> alerts = session.catalogue().ListAlerts();
  std::erase_if(alerts, [](const Alert& alert) { return !alert.lasting; });
  std::ranges::sort(alerts, std::ranges::greater(), &Alert::since);
  if (session.json) {
    Json list = Json::array();
    for (const Alert& alert : alerts) {
      list.push_back({{"aviso", alert.topic},
                      {"sobre", alert.subject},
                      {"nivel", alert.level},
                      {"desde", FormatTime(alert.since)},
                      {"avisado", alert.said},
                      {"titulo", alert.title}});
    }
    session.PrintJson(list);
    return 0;
  }
  Table table({{"since"}, {"about"}, {"alert"}});
  for (const Alert& alert : alerts) table.AddRow({session.FormatLocal(alert.since), alert.topic, alert.title});
  session.Print(table.Format());
  if (alerts.empty()) session.Say("all is well");
  return 0;
}

int RunTest(Session& session) {
  const auto trials = service::TryReceivers(session.config().notify, session.clock(), session.stop());
  if (trials.empty()) {
    throw Error(ErrorKind::kUsage, "nobody is told anything", "write [correo] or [[webhook]]: see docs/alerts.md");
  }
  Json list = Json::array();
  int code = kExitOk;
  for (const service::NotifyTrial& trial : trials) {
    if (!trial.error.empty()) code = kExitPermanent;
    list.push_back({{"destino", trial.receiver},
                    {"bien", trial.error.empty()},
                    {"mensaje", trial.error.empty() ? Json() : Json(trial.error)},
                    {"sugerencia", trial.hint.empty() ? Json() : Json(trial.hint)}});
    if (session.json) continue;
    session.Print(fmt::format("{}: {}\n", trial.receiver, trial.error.empty() ? "sent" : trial.error));
    if (!trial.hint.empty()) session.Print("  hint: " + trial.hint + "\n");
  }
  if (session.json) session.PrintJson(list);
  return code;
}

}  // namespace

Command AlertsCommand() {
  return {
      .name = "alerts",
      .summary = "What has been told and not ended, and whether messages arrive",
      .details = "",
      .children = {{.name = "list",
                    .summary = "List what is not as it should be, the newest first",
                    .details = "",
                    .examples = {{"cofre alerts list --json", ""}},
                    .run = RunList},
                   {.name = "test",
                    .summary = "Send a message to every receiver and say how that went",
                    .details = "Mail, webhooks and heartbeat of the configuration, one after the other.",
                    .examples = {{"cofre alerts test", ""}},
                    .run = RunTest}},
  };
}

}  // namespace cofre::cli
