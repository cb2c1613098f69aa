// API tokens and the audit log.

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "api/account_json.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"

namespace cofre::api {
namespace {

constexpr double kLongestDays = 3650;
constexpr size_t kMostTokens = 100;  // of one user, that are of use

// An administrator sees and revokes all of them, others their own.
bool IsHis(const Identity& identity, const ApiToken& token) {
  return identity.MayAdminister() || token.user == identity.user.name;
}

Response ListTokens(Services& services, const Call& call) {
  Json tokens = Json::array();
  for (const ApiToken& token : services.accounts.ListTokens()) {
    if (IsHis(*call.identity, token)) tokens.push_back(ToJson(token));
  }
  return JsonResponse({{"tokens", std::move(tokens)}});
}

// The secret is in this answer and never again.
Response AddToken(Services& services, const Call& call) {
  Body body(call.request);
  ApiToken token{.name = std::string(Trimmed(body.RequireText("nombre"))), .user = call.identity->user.name};
  token.scope = ParseScope(body.RequireText("alcance"));
  const auto days = body.TakeNumber("dias");
  body.Finish();
  if (!days || *days < 1 || *days > kLongestDays) {
    throw Refusal("invalid", fmt::format("dias is not a number from 1 to {}", kLongestDays), "a token ends some day");
  }
  const std::string secret = "cofre_" + MakeSecret(services.random);
  token.hash = HashOfSecret(secret);
  token.created = services.Now();
  token.expires = token.created + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*days * 86400));
  catalogue::Transaction transaction(*services.catalogue);
  size_t useful = 0;
  for (const ApiToken& one : services.accounts.ListTokens(token.user)) {
    useful += !one.revoked && one.expires > token.created ? 1 : 0;
  }
  if (useful >= kMostTokens) throw Refusal("conflict", "the user has too many tokens", "revoke those of no use");
  token.id = services.accounts.AddToken(token);
  services.Audit(call, "token.add", std::to_string(token.id), nullptr, ToJson(token));
  transaction.Commit();
  Json json = ToJson(token);
  json["secreto"] = secret;
  Response response = JsonResponse(json, 201);
  response.headers.emplace_back("Location", fmt::format("/api/v1/tokens/{}", token.id));
  return response;
}

ApiToken FindToken(Services& services, const Call& call) {
  const std::string& text = call.Parameter("token");
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const Error missing(ErrorKind::kNotFound, "there is no token " + Quoted(text));
  if (error != std::errc() || end != text.data() + text.size()) throw missing;
  ApiToken token = services.accounts.GetToken(id);
  if (!IsHis(*call.identity, token)) throw missing;
  return token;
}

Response RevokeToken(Services& services, const Call& call) {
  catalogue::Transaction transaction(*services.catalogue);
  const ApiToken token = FindToken(services, call);
  if (!token.revoked) {
    services.accounts.RevokeToken(token.id, services.Now());
    services.Audit(call, "token.revoke", std::to_string(token.id), ToJson(token),
                   ToJson(services.accounts.GetToken(token.id)));
  }
  transaction.Commit();
  return {.status = 204};
}

Response ListAudit(Services& services, const Call& call) {
  const Request& request = call.request;
  catalogue::AuditFilter filter{
      .user = request.Query("usuario"), .subject = request.Query("sujeto"), .action = request.Query("accion")};
  if (const int64_t before = NumberParameter(request, "antes_de", 1, INT64_MAX, 0); before > 0) filter.before = before;
  if (const std::string& since = request.Query("desde"); !since.empty()) {
    filter.since = ParseTime(since);
    if (!filter.since) throw Refusal("invalid", "desde " + Quoted(since) + " is no time", "2026-11-24T01:00:00Z");
  }
  const auto limit = static_cast<size_t>(NumberParameter(request, "limite", 1, 500, 100));
  Json entries = Json::array();
  for (const AuditEntry& entry : services.accounts.ListAudit(filter, limit)) entries.push_back(ToJson(entry));
  return JsonResponse({{"cambios", std::move(entries)}});
}

}  // namespace

void AddTokenRoutes(std::vector<Route>& routes, Services& services) {
  const std::string all = "/api/v1/tokens";
  routes.push_back(
      {Method::kGet, all, Access::kSignedIn, [&](const Call& call) { return ListTokens(services, call); }});
  routes.push_back({Method::kPost, all, Access::kSignedIn, [&](const Call& call) { return AddToken(services, call); }});
  routes.push_back({Method::kDelete, all + "/{token}", Access::kSignedIn,
                    [&](const Call& call) { return RevokeToken(services, call); }});
}

void AddAuditRoutes(std::vector<Route>& routes, Services& services) {
  routes.push_back({Method::kGet, "/api/v1/audit", Access::kAdminister,
                    [&](const Call& call) { return ListAudit(services, call); }});
}

}  // namespace cofre::api
