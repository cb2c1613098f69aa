// Signing in and out, and what a user does with his own password and sessions.

#include <nlohmann/json.hpp>

#include "api/account_json.h"
#include "api/password.h"
#include "api/problem.h"
#include "api/services.h"

namespace cofre::api {
namespace {

Json SessionJson(const Identity& identity) {
  return {{"usuario", identity.user.name},
          {"rol", RoleName(identity.user.role)},
          {"empresas", identity.user.companies},
          {"puede_operar", identity.MayOperate()},
          {"puede_administrar", identity.MayAdminister()},
          {"dos_factores", identity.user.second_factor},
          {"csrf", TextOrNull(identity.csrf)}};
}

Response SignInHere(Services& services, const Call& call) {
  Body body(call.request);
  const std::string user = body.RequireText("usuario");
  const Secret password(body.RequireText("clave"));
  const std::string code = body.TakeText("codigo").value_or("");
  body.Finish();
  const SignIn::Opened opened = services.sign_in.Open(user, password, code, call.request);
  services.Audit({.request = call.request, .identity = &opened.identity}, "session.open", opened.identity.user.name,
                 nullptr, nullptr);
  Response response = JsonResponse(SessionJson(opened.identity));
  response.headers.emplace_back("Set-Cookie", opened.cookie);
  return response;
}

Response SignOut(Services& services, const Call& call) {
  services.accounts.RemoveSession(call.identity->session_hash);
  Response response{.status = 204};
  response.headers.emplace_back("Set-Cookie", SignIn::NoCookie());
  return response;
}

// Ends all other sessions of the user.
Response ChangeOwnPassword(Services& services, const Call& call) {
  Body body(call.request);
  const Secret old(body.RequireText("clave_actual"));
  const Secret password(body.RequireText("clave_nueva"));
  body.Finish();
  const std::string& name = call.identity->user.name;
  services.sign_in.RequirePassword(call.identity->user, old, call.request);
  RequireGoodPassword(password, name);
  const std::string hash = HashPassword(password, services.random);
  catalogue::Transaction transaction(*services.catalogue);
  User user = services.accounts.GetUser(name);
  user.password = hash;
  user.changed = services.Now();
  services.accounts.UpdateUser(user);
  services.accounts.RemoveSessions(name, call.identity->session_hash);
  services.Audit(call, "user.password", name, nullptr, nullptr);
  transaction.Commit();
  return {.status = 204};
}

// Shown this once; asked for once it is confirmed.
Response ProposeSecondFactor(Services& services, const Call& call) {
  Body body(call.request);
  const Secret password(body.RequireText("clave"));
  body.Finish();
  const User& user = call.identity->user;
  services.sign_in.RequirePassword(user, password, call.request);
  if (user.second_factor) {
    throw Refusal("conflict", "the user has an authenticator already", "take it away first");
  }
  const SecondFactors::Proposal proposal = services.second_factors.Propose(user.name);
  Response response = JsonResponse({{"secreto", proposal.secret}, {"otpauth", proposal.address}}, 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// Ends all other sessions of the user: they were opened without it.
Response ConfirmSecondFactor(Services& services, const Call& call) {
  Body body(call.request);
  const std::string code = body.RequireText("codigo");
  body.Finish();
  const std::string& name = call.identity->user.name;
  std::vector<std::string> recovery;
  services.sign_in.RequireCode(call.identity->user, call.request, [&] {
    catalogue::Transaction transaction(*services.catalogue);
    if (!services.second_factors.Confirm(name, code, recovery)) return false;
    services.accounts.RemoveSessions(name, call.identity->session_hash);
    services.Audit(call, "user.second_factor_add", name, nullptr, nullptr);
    transaction.Commit();
    return true;
  });
  Response response = JsonResponse({{"codigos_recuperacion", recovery}});
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response RemoveSecondFactor(Services& services, const Call& call) {
  Body body(call.request);
  const Secret password(body.RequireText("clave"));
  const std::string code = body.RequireText("codigo");
  body.Finish();
  const User& user = call.identity->user;
  if (!user.second_factor) throw Refusal("conflict", "the user has no authenticator");
  services.sign_in.RequireBoth(user, password, code, call.request);
  catalogue::Transaction transaction(*services.catalogue);
  services.accounts.RemoveSecondFactor(user.name);
  services.Audit(call, "user.second_factor_remove", user.name, nullptr, nullptr);
  transaction.Commit();
  return {.status = 204};
}

}  // namespace

void AddSessionRoutes(std::vector<Route>& routes, Services& services) {
  const std::string path = "/api/v1/session";
  routes.push_back(
      {Method::kPost, path, Access::kAnyone, [&](const Call& call) { return SignInHere(services, call); }});
  routes.push_back(
      {Method::kGet, path, Access::kOwn, [](const Call& call) { return JsonResponse(SessionJson(*call.identity)); }});
  routes.push_back(
      {Method::kDelete, path, Access::kSignedIn, [&](const Call& call) { return SignOut(services, call); }});
  routes.push_back({Method::kPut, path + "/password", Access::kSignedIn,
                    [&](const Call& call) { return ChangeOwnPassword(services, call); }});
  const RouteAdder add(routes, services, Access::kSignedIn);
  add(Method::kPost, path + "/second-factor", ProposeSecondFactor);
  add(Method::kPost, path + "/second-factor/confirm", ConfirmSecondFactor);
  add(Method::kPost, path + "/second-factor/remove", RemoveSecondFactor);
}

}  // namespace cofre::api
