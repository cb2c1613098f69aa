#include "service/fleet_nodes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/process_identity.h"

namespace cofre::service {
namespace {

NodeState StateOf(const Node& node, TimePoint now, const std::optional<std::string>& planner) {
  if (node.seen + kNodeIsThere < now || !MayBeAlive(node.owner)) return NodeState::kGone;
  if (node.draining) return NodeState::kDraining;
  return planner == node.owner ? NodeState::kPlans : NodeState::kWorks;
}

}  // namespace

std::optional<std::string> RunningService(catalogue::Catalogue& catalogue, TimePoint now) {
  return catalogue.LeaseHolder(kPlannerLease, now, MayBeAlive);
}

std::string_view NodeStateName(NodeState state) {
  switch (state) {
    case NodeState::kGone:
      return "gone";
    case NodeState::kDraining:
      return "draining";
    case NodeState::kWorks:
      return "works";
    case NodeState::kPlans:
      return "plans";
  }
  return "?";
}

std::vector<NodeNow> ListNodesNow(catalogue::Catalogue& catalogue, TimePoint now) {
  const auto planner = RunningService(catalogue, now);
  const std::vector<NodeBinding> bindings = catalogue.ListNodeBindings();
  const std::vector<Job> running = catalogue.ListJobs({.state = JobState::kRunning}, SIZE_MAX);
  std::vector<NodeNow> nodes;
  for (Node& node : catalogue.ListNodes()) {
    NodeNow& one = nodes.emplace_back();
    one.state = StateOf(node, now, planner);
    one.jobs = static_cast<size_t>(std::ranges::count(running, node.owner, &Job::owner));
    for (const NodeBinding& binding : bindings) {
      if (binding.node == node.name) one.servers.push_back(binding.server);
    }
    one.node = std::move(node);
  }
  return nodes;
}

Json ToJson(const NodeNow& node) {
  return {{"nodo", node.node.name},     {"estado", NodeStateName(node.state)}, {"tareas", node.jobs},
          {"servidores", node.servers}, {"version", node.node.version},        {"visto", FormatTime(node.node.seen)},
          {"proceso", node.node.owner}};
}

}  // namespace cofre::service
