// What an operator changes of companies.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/fleet_json.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"
#include "planner/local_time.h"

namespace cofre::api {
namespace {

constexpr size_t kMostAtOnce = 10'000;

// The members that are there, onto the company.
void Apply(Body& body, Company& company) {
  if (const auto name = body.TakeText("nombre")) company.name = std::string(Trimmed(*name));
  if (const auto enabled = body.TakeFlag("backups_habilitados")) company.enabled = *enabled;
  if (const auto time = body.TakeText("hora_backup")) company.backup_time = ParseBackupTime(*time);
  if (const auto limit = body.TakeNumber("limite_espacio_gb")) {
    if (*limit > kLargestSpaceLimitGigabytes || *limit < 0)
      throw Refusal("invalid", "limite_espacio_gb is out of range");
    company.space_limit_bytes = ParseSpaceLimit(fmt::format("{:.9f}", *limit));
  }
  if (const auto zone = body.TakeNullableText("zona_horaria")) {
    company.time_zone = zone->empty() ? "" : planner::TimeZone::Find(*zone).name();
  }
}

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
  Apply(body, company);
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
    Apply(members, company);
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
