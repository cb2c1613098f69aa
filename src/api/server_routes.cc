// What an administrator does with servers: registers and changes them, tries whether they let us in, has them searched.

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "api/discoveries.h"
#include "api/problem.h"
#include "api/server_settings.h"
#include "api/services.h"
#include "service/server_check.h"

namespace cofre::api {
namespace {

constexpr std::chrono::seconds kCheckLimit(15);

// Which way of the configuration finds its databases.
Json DiscoveryOf(const service::Config& config, const std::string& server) {
  const auto& all = config.service.discovery;
  const auto how = std::ranges::find(all, server, &service::DiscoveryConfig::server);
  if (how == all.end()) return nullptr;
  if (!how->pattern.empty()) return "patron";
  return how->command.empty() ? "consulta" : "comando";
}

Json SettingsOf(Services& services, const Server& server) {
  Json json = service::ToJson(server);
  json["descubrimiento"] = DiscoveryOf(services.wiring()->config(), server.name);
  return json;
}

Response Answer(Services& services, const Server& server, int status = 200) {
  Response response = JsonResponse(SettingsOf(services, server), status);
  response.headers.emplace_back("ETag", MakeEtag(Compact(service::ToJson(server))));
  return response;
}

Server Find(Services& services, const Call& call) {
  return services.catalogue->GetServer(ParseServerName(call.Parameter("server")));
}

Response Add(Services& services, const Call& call) {
  Body body(call.request);
  catalogue::Transaction transaction(*services.catalogue);
  Server server{.name = ParseServerName(body.RequireText("servidor"))};
  ApplyServerSettings(services, body, server);
  body.Finish();
  const auto known = services.catalogue->ListServers();
  if (std::ranges::find(known, server.name, &Server::name) != known.end()) {
    throw Refusal("conflict", "the server " + server.name + " exists already");
  }
  services.catalogue->AddServer(server);
  services.Audit(call, "server.add", server.name, nullptr, service::ToJson(server));
  transaction.Commit();
  services.Changed();
  Response response = Answer(services, server, 201);
  response.headers.emplace_back("Location", "/api/v1/servers/" + server.name);
  return response;
}

Response Change(Services& services, const Call& call) {
  Body body(call.request);
  catalogue::Transaction transaction(*services.catalogue);
  const Server before = Find(services, call);
  RequireMatch(call.request, MakeEtag(Compact(service::ToJson(before))));
  Server server = before;
  ApplyServerSettings(services, body, server);
  body.Finish();
  if (server != before) {
    services.catalogue->UpdateServer(server);
    services.Audit(call, "server.change", server.name, service::ToJson(before), service::ToJson(server));
  }
  transaction.Commit();
  services.Changed();
  return Answer(services, server);
}

Response Remove(Services& services, const Call& call) {
  catalogue::Transaction transaction(*services.catalogue);
  const Server server = Find(services, call);
  if (!services.catalogue->ListCompanies({.server = server.name}).empty()) {
    throw Refusal("conflict", "companies use the server " + server.name, "move or remove them first");
  }
  services.catalogue->RemoveServer(server.name);
  services.Audit(call, "server.remove", server.name, service::ToJson(server), nullptr);
  transaction.Commit();
  services.Changed();
  return {.status = 204};
}

// One at a time: each holds one of the few threads that answer.
class Checks {
 public:
  explicit Checks(Services& services) : services_(services) {}

  Response Answer(const Call& call) {
    Body(call.request).Finish();
    const Server server = Find(services_, call);
    if (busy_.exchange(true)) throw Refusal("conflict", "a connection is tested already", "wait for its end");
    const Free free{busy_};
    const Duration began = services_.clock.Monotonic();
    services_.Audit(call, "server.test", server.name, nullptr, nullptr);
    const auto wiring = services_.wiring();
    const service::ServerCheck check = service::CheckServer(*wiring, server.name, kCheckLimit, {});
    const std::chrono::duration<double> took = services_.clock.Monotonic() - began;
    return JsonResponse({{"servidor", server.name},
                         {"exito", check.ok},
                         {"error", TextOrNull(check.kind)},
                         {"mensaje", check.message},
                         {"ayuda", TextOrNull(check.hint)},
                         {"version", TextOrNull(check.version)},
                         {"segundos", took.count()}});
  }

 private:
  struct Free {
    std::atomic<bool>& busy;
    ~Free() { busy = false; }
  };

  Services& services_;
  std::atomic<bool> busy_{false};
};

Response StartDiscovery(Services& services, Discoveries& discoveries, const Call& call) {
  Body(call.request).Finish();
  const Server server = Find(services, call);
  discoveries.Start(server.name);
  services.Audit(call, "server.discover", server.name, nullptr, nullptr);
  return JsonResponse(discoveries.Show(server.name), 202);
}

}  // namespace

void AddServerRoutes(std::vector<Route>& routes, Services& services) {
  const std::string all = "/api/v1/servers";
  const std::string one = all + "/{server}";
  const auto add = [&](Method method, const std::string& path, std::function<Response(const Call&)> answer) {
    routes.push_back({method, path, Access::kAdminister, std::move(answer)});
  };
  const auto checks = std::make_shared<Checks>(services);
  const auto discoveries = std::make_shared<Discoveries>(services);
  add(Method::kPost, all, [&](const Call& call) { return Add(services, call); });
  add(Method::kDelete, one, [&](const Call& call) { return Remove(services, call); });
  add(Method::kGet, one + "/settings", [&](const Call& call) { return Answer(services, Find(services, call)); });
  add(Method::kPatch, one + "/settings", [&](const Call& call) { return Change(services, call); });
  add(Method::kPost, one + "/test", [checks](const Call& call) { return checks->Answer(call); });
  add(Method::kPost, one + "/discovery",
      [&services, discoveries](const Call& call) { return StartDiscovery(services, *discoveries, call); });
  add(Method::kGet, one + "/discovery", [&services, discoveries](const Call& call) {
    return JsonResponse(discoveries->Show(Find(services, call).name));
  });
}

}  // namespace cofre::api
