// The nodes of a fleet: how each is, and that one ends what it does and begins nothing more.

#include <nlohmann/json.hpp>

#include "api/services.h"
#include "service/fleet_nodes.h"

namespace cofre::api {
namespace {

Response ListNodes(Services& services, const Call&) {
  Json nodes = Json::array();
  for (const service::NodeNow& node : service::ListNodesNow(*services.catalogue, services.Now())) {
    nodes.push_back(service::ToJson(node));
  }
  return JsonResponse({{"nodos", std::move(nodes)}});
}

Response SetDraining(Services& services, const Call& call, bool draining) {
  const std::string name = ParseServerName(call.Parameter("node"));
  catalogue::Transaction transaction(*services.catalogue);
  services.catalogue->SetNodeDraining(name, draining);
  services.Audit(call, draining ? "node.drain" : "node.undrain", name, nullptr, nullptr);
  transaction.Commit();
  services.Started();
  return {.status = 204};
}

Response Drain(Services& services, const Call& call) { return SetDraining(services, call, true); }
Response Undrain(Services& services, const Call& call) { return SetDraining(services, call, false); }

}  // namespace

void AddNodeRoutes(std::vector<Route>& routes, Services& services) {
  RouteAdder(routes, services, Access::kRead)(Method::kGet, "/api/v1/nodes", ListNodes);
  const RouteAdder add(routes, services, Access::kOperate);
  add(Method::kPut, "/api/v1/nodes/{node}/drain", Drain);
  add(Method::kDelete, "/api/v1/nodes/{node}/drain", Undrain);
}

}  // namespace cofre::api
