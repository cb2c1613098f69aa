#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/table.h"
#include "model/company.h"
#include "service/fleet_nodes.h"

namespace cofre::cli {
namespace {

struct NodeOptions {
  std::string node;
  std::string server;
  bool undo = false;
  bool yes = false;
};

int ListNodes(Session& session) {
  service::Json json = service::Json::array();
  Table table({{"node"}, {"state"}, {"jobs", Align::kRight}, {"servers"}, {"version"}, {"last seen"}});
  for (const service::NodeNow& one : service::ListNodesNow(session.catalogue(), session.clock().Now())) {
    json.push_back(service::ToJson(one));
    table.AddRow({one.node.name, std::string(service::NodeStateName(one.state)), std::to_string(one.jobs),
                  one.servers.empty() ? "any" : fmt::format("{}", fmt::join(one.servers, " ")), one.node.version,
                  session.FormatLocal(one.node.seen)});
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(table.Format());
  }
  return kExitOk;
}

int DrainNode(Session& session, const NodeOptions& options) {
  session.catalogue().SetNodeDraining(ParseServerName(options.node), !options.undo);
  session.Say(options.undo ? "node " + options.node + " works again"
                           : "node " + options.node +
                                 " ends what it does and begins nothing more; cofre node list shows "
                                 "when it has no jobs");
  return kExitOk;
}

int RemoveNode(Session& session, const NodeOptions& options) {
  const std::string name = ParseServerName(options.node);
  for (const service::NodeNow& one : service::ListNodesNow(session.catalogue(), session.clock().Now())) {
    if (one.node.name != name || one.state == service::NodeState::kGone) continue;
    throw Error(ErrorKind::kUsage, "node " + name + " is alive",
                "cofre node drain " + name + ", wait until it has no jobs, and stop its service");
  }
  session.Confirm(options.yes, "forget node " + name);
  session.catalogue().RemoveNode(name);
  session.Say("node " + name + " is forgotten");
  return kExitOk;
}

int BindNode(Session& session, const NodeOptions& options) {
  const NodeBinding binding{.server = ParseServerName(options.server), .node = ParseServerName(options.node)};
  const bool changed =
      options.undo ? session.catalogue().RemoveNodeBinding(binding) : session.catalogue().AddNodeBinding(binding);
  session.Say(changed ? fmt::format("server {} is {} bound to node {}", binding.server,
                                    options.undo ? "no longer" : "now", binding.node)
                      : "it was so already");
  return kExitOk;
}

Command Make(std::string name, std::string summary, std::string details, std::vector<Example> examples,
             int (*run)(Session&, const NodeOptions&), bool with_server) {
  auto options = std::make_shared<NodeOptions>();
  Command command{.name = std::move(name),
                  .summary = std::move(summary),
                  .details = std::move(details),
                  .examples = std::move(examples),
                  .arguments = {{"NODE", "its name", &options->node}},
                  .run = [options, run](Session& session) { return run(session, *options); }};
  if (with_server) command.arguments.push_back({"SERVER", "a database server", &options->server});
  if (run == RemoveNode) {
    command.options = {{"--yes", "", "don't ask", &options->yes}};
  } else {
    command.options = {{"--undo", "", "the other way round", &options->undo}};
  }
  return command;
}

}  // namespace

Command NodeCommand() {
  return {.name = "node",
          .summary = "The nodes of a fleet: processes that serve on one catalogue",
          .details = "",
          .children = {
              {.name = "list",
               .summary = "List the nodes: who plans, who works, who is gone",
               .details = "",
               .examples = {{"cofre node list", ""}},
               .run = ListNodes},
              Make("drain", "Have a node end what it does and begin nothing more",
                   "Before it is upgraded or taken away. It stays so when it is started again, until --undo.",
                   {{"cofre node drain n2", ""}, {"cofre node drain n2 --undo", "it works again"}}, DrainNode, false),
              Make("bind", "Have a server backed up by this node alone",
                   "As by one that stands beside it. Bound to several, any of those does it; bound to none, any node.",
                   {{"cofre node bind n2 srv1", ""}, {"cofre node bind n2 srv1 --undo", ""}}, BindNode, true),
              Make("remove", "Forget a node that is gone",
                   "Its bindings go with it: then any node may back those servers up.", {{"cofre node remove n2", ""}},
                   RemoveNode, false),
          }};
}

}  // namespace cofre::cli
