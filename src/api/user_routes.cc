// Users, for administrators.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/account_json.h"
#include "api/password.h"
#include "api/problem.h"
#include "api/services.h"

namespace cofre::api {
namespace {

constexpr size_t kMostCompanies = 1000;

// Changes with what may be changed; not with when he last signed in.
std::string EtagOf(const User& user) {
  Json json = ToJson(user);
  json.erase("ultimo_ingreso");
  return MakeEtag(Compact(json));
}

Response Answer(const User& user, int status = 200) {
  Response response = JsonResponse(ToJson(user), status);
  response.headers.emplace_back("ETag", EtagOf(user));
  return response;
}

User Find(Services& services, const Call& call) { return services.accounts.GetUser(call.Parameter("user")); }

void TakeRights(Body& body, User& user) {
  if (const auto role = body.TakeText("rol")) user.role = ParseRole(*role);
  if (const auto enabled = body.TakeFlag("habilitado")) user.enabled = *enabled;
  if (auto companies = body.TakeTexts("empresas", kMostCompanies)) {
    std::ranges::transform(*companies, companies->begin(), [](const std::string& id) { return ParseCompanyId(id); });
    std::ranges::sort(*companies);
    user.companies = *std::move(companies);
  }
}

Response List(Services& services) {
  Json users = Json::array();
  for (const User& user : services.accounts.ListUsers()) users.push_back(ToJson(user));
  return JsonResponse({{"usuarios", std::move(users)}});
}

Response Add(Services& services, const Call& call) {
  Body body(call.request);
  User user{.name = ParseUserName(body.RequireText("usuario")), .created = services.Now()};
  user.changed = user.created;
  const Secret password(body.RequireText("clave"));
  TakeRights(body, user);
  body.Finish();
  RequireGoodPassword(password, user.name);
  user.password = HashPassword(password, services.random);
  catalogue::Transaction transaction(*services.catalogue);
  if (services.accounts.FindUser(user.name)) throw Refusal("conflict", "the user " + user.name + " exists already");
  services.accounts.AddUser(user);
  services.Audit(call, "user.add", user.name, nullptr, ToJson(user));
  transaction.Commit();
  Response response = Answer(user, 201);
  response.headers.emplace_back("Location", "/api/v1/users/" + user.name);
  return response;
}

// With other rights, or another password, he signs in anew.
Response Change(Services& services, const Call& call) {
  Body body(call.request);
  auto text = body.TakeText("clave");
  std::string hash;
  if (text) {
    const Secret password(*std::move(text));
    RequireGoodPassword(password, call.Parameter("user"));
    hash = HashPassword(password, services.random);
  }
  catalogue::Transaction transaction(*services.catalogue);
  const User before = Find(services, call);
  RequireMatch(call.request, EtagOf(before));
  User user = before;
  TakeRights(body, user);
  body.Finish();
  if (!hash.empty()) user.password = hash;
  if (user != before) {
    user.changed = services.Now();
    services.accounts.UpdateUser(user);
    services.accounts.RemoveSessions(user.name, call.identity->session_hash);
    Json after = ToJson(user);
    if (!hash.empty()) after["clave"] = "cambiada";
    services.Audit(call, "user.change", user.name, ToJson(before), after);
  }
  transaction.Commit();
  return Answer(user);
}

Response Remove(Services& services, const Call& call) {
  catalogue::Transaction transaction(*services.catalogue);
  const User user = Find(services, call);
  services.accounts.RemoveUser(user.name);
  services.Audit(call, "user.remove", user.name, ToJson(user), nullptr);
  transaction.Commit();
  return {.status = 204};
}

// For who has lost his authenticator and his recovery codes.
Response RemoveSecondFactor(Services& services, const Call& call) {
  catalogue::Transaction transaction(*services.catalogue);
  const User user = Find(services, call);
  if (services.accounts.RemoveSecondFactor(user.name)) {
    services.Audit(call, "user.second_factor_remove", user.name, nullptr, nullptr);
  }
  transaction.Commit();
  return {.status = 204};
}

}  // namespace

void AddUserRoutes(std::vector<Route>& routes, Services& services) {
  const std::string all = "/api/v1/users";
  const std::string one = all + "/{user}";
  routes.push_back({Method::kGet, all, Access::kAdminister, [&](const Call&) { return List(services); }});
  routes.push_back({Method::kPost, all, Access::kAdminister, [&](const Call& call) { return Add(services, call); }});
  routes.push_back(
      {Method::kGet, one, Access::kAdminister, [&](const Call& call) { return Answer(Find(services, call)); }});
  routes.push_back(
      {Method::kPatch, one, Access::kAdminister, [&](const Call& call) { return Change(services, call); }});
  routes.push_back(
      {Method::kDelete, one, Access::kAdminister, [&](const Call& call) { return Remove(services, call); }});
  routes.push_back({Method::kDelete, one + "/second-factor", Access::kAdminister,
                    [&](const Call& call) { return RemoveSecondFactor(services, call); }});
}

}  // namespace cofre::api
