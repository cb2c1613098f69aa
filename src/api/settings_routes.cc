// What an operator changes of companies.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/company_settings.h"
#include "api/fleet_json.h"
#include "api/problem.h"
#include "api/services.h"

namespace cofre::api {
namespace {

constexpr size_t kMostAtOnce = 10'000;

std::string EtagOf(const Company& company) { return MakeEtag(Compact(SettingsToJson(company))); }

void Store(Services& services, const Call& call, const Company& before, const Company& after) {
  if (after == before) return;
  services.catalogue->UpdateCompany(after);
  services.Audit(call, "company.change", after.id, SettingsToJson(before), SettingsToJson(after));
}

Response ChangeSettings(Services& services, const Call& call) {
  Body body(call.request);
  catalogue::Transaction transaction(*services.catalogue);
  const Company before = services.RequireCompany(call);
  RequireMatch(call.request, EtagOf(before));
  Company company = before;
  ApplyCompanySettings(body, company);
  body.Finish();
  Store(services, call, before, company);
  transaction.Commit();
  services.Changed();
  Response response = JsonResponse(SettingsToJson(company));
  response.headers.emplace_back("ETag", EtagOf(company));
  return response;
}

// All of them or none.
Response ChangeMany(Services& services, const Call& call) {
  Body body(call.request);
  auto ids = body.TakeTexts("empresas", kMostAtOnce);
  const auto changes = body.TakeObject("cambios");
  body.Finish();
  if (!ids || ids->empty() || !changes || changes->empty()) {
    throw Refusal("invalid", "empresas and cambios are both needed, and not empty");
  }
  if (changes->contains("nombre")) throw Refusal("invalid", "a name is one company's");
  std::ranges::transform(*ids, ids->begin(), [](const std::string& id) { return ParseCompanyId(id); });
  std::ranges::sort(*ids);
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  size_t changed = 0;
  catalogue::Transaction transaction(*services.catalogue);
  for (const std::string& id : *ids) {
    const Company before = services.catalogue->GetCompany(id);
    Company company = before;
    Body members(*changes);
    ApplyCompanySettings(members, company);
    members.Finish();
    Store(services, call, before, company);
    changed += company == before ? 0 : 1;
  }
  transaction.Commit();
  services.Changed();
  return JsonResponse({{"empresas", ids->size()}, {"cambiadas", changed}});
}

}  // namespace

void AddSettingsRoutes(std::vector<Route>& routes, Services& services) {
  routes.push_back({Method::kPatch, "/api/v1/companies/{company}/settings", Access::kOperate,
                    [&](const Call& call) { return ChangeSettings(services, call); }});
  routes.push_back({Method::kPost, "/api/v1/companies/bulk", Access::kOperate,
                    [&](const Call& call) { return ChangeMany(services, call); }});
}

}  // namespace cofre::api
