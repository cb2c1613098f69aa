#pragma once

// The processes that serve on one catalogue, and how each of them is.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/catalogue.h"
#include "model/node.h"
#include "service/model_json.h"

namespace cofre::service {

// The right to plan (catalogue's leases). Services beside the one that has it do jobs, and take it when it is free.
inline constexpr const char* kPlannerLease = "planner";

// How long a node is taken to be there after its last sign of life.
inline constexpr std::chrono::seconds kNodeIsThere{30};

// The process that plans, if one does.
std::optional<std::string> RunningService(catalogue::Catalogue& catalogue, TimePoint now);

enum class NodeState : uint8_t { kGone, kDraining, kWorks, kPlans };

// "gone", "draining", "works", "plans".
std::string_view NodeStateName(NodeState state);

struct NodeNow {
  Node node;
  NodeState state = NodeState::kGone;
  size_t jobs = 0;                   // that it does
  std::vector<std::string> servers;  // that it is bound to; none: any that is bound to nobody
};

// By name. Errors: the catalogue's.
std::vector<NodeNow> ListNodesNow(catalogue::Catalogue& catalogue, TimePoint now);

Json ToJson(const NodeNow& node);

}  // namespace cofre::service
