// What an administrator does with companies: registers them and their databases, one by one or from a CSV file.

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api/company_settings.h"
#include "api/fleet_json.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"
#include "catalogue/company_import.h"
#include "planner/local_time.h"

namespace cofre::api {
namespace {

constexpr size_t kMostShown = 500;  // of an import's companies

Company Defaults(const service::Config& config) {
  return {.backup_time = config.company.backup_time, .space_limit_bytes = config.company.space_limit_bytes};
}

Response AddCompany(Services& services, const Call& call) {
  Body body(call.request);
  Company company = Defaults(services.wiring()->config());
  company.id = ParseCompanyId(body.RequireText("empresa"));
  company.name = company.id;
  company.server = ParseServerName(body.RequireText("servidor"));
  ApplyCompanySettings(body, company);
  body.Finish();
  catalogue::Transaction transaction(*services.catalogue);
  if (services.catalogue->FindCompany(company.id)) {
    throw Refusal("conflict", "the company " + company.id + " exists already");
  }
  services.catalogue->AddCompany(company);
  const Company added = services.catalogue->GetCompany(company.id);
  services.Audit(call, "company.add", added.id, nullptr, service::ToJson(added));
  transaction.Commit();
  services.Changed();
  Response response = JsonResponse(service::ToJson(added), 201);
  response.headers.emplace_back("Location", "/api/v1/companies/" + added.id);
  return response;
}

// As an administrator sets it: what backups found out of it is no part of it.
Json PlaceOf(const Database& database) {
  Json json = service::ToJson(database);
  json.erase("bytes_bloque");
  return json;
}

Json ShownPlaceOf(const Database& database) {
  Json json = PlaceOf(database);
  json.erase("comando");
  return json;
}

Response Answer(const Database& database, int status = 200) {
  Response response = JsonResponse(ShownPlaceOf(database), status);
  response.headers.emplace_back("ETag", MakeEtag(Compact(PlaceOf(database))));
  return response;
}

std::string SubjectOf(const Database& database) {
  return database.company + " " + std::to_string(database.fiscal_year);
}

Database FindDatabase(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  return services.catalogue->GetDatabase(company.id, ParseFiscalYear(call.Parameter("year")));
}

int TakeFiscalYear(Body& body) {
  const auto year = body.TakeNumber("anio_fiscal");
  if (!year || *year < kFirstFiscalYear || *year > kLastFiscalYear || *year != static_cast<int>(*year)) {
    throw Refusal("invalid", "anio_fiscal is no fiscal year", "as in 2026");
  }
  return static_cast<int>(*year);
}

Response AddDatabase(Services& services, const Call& call) {
  Body body(call.request);
  catalogue::Transaction transaction(*services.catalogue);
  const Company company = services.RequireCompany(call);
  Database database{.company = company.id, .fiscal_year = TakeFiscalYear(body), .path = body.RequireText("base")};
  body.Finish();
  RequireDatabasePath(services.wiring()->config(), services.catalogue->GetServer(company.server), database.path);
  const auto known = services.catalogue->ListDatabases({.company = company.id});
  if (std::ranges::find(known, database.fiscal_year, &Database::fiscal_year) != known.end()) {
    throw Refusal("conflict", "the company has a database of " + std::to_string(database.fiscal_year) + " already");
  }
  services.catalogue->AddDatabase(database, services.Now());
  services.Audit(call, "database.add", SubjectOf(database), nullptr, PlaceOf(database));
  transaction.Commit();
  services.Changed();
  return Answer(database, 201);
}

Response ChangeDatabase(Services& services, const Call& call) {
  Body body(call.request);
  catalogue::Transaction transaction(*services.catalogue);
  const Company company = services.RequireCompany(call);
  const Database before = FindDatabase(services, call);
  RequireMatch(call.request, MakeEtag(Compact(PlaceOf(before))));
  Database database = before;
  database.path = body.RequireText("base");
  body.Finish();
  if (database.path != before.path) {
    RequireDatabasePath(services.wiring()->config(), services.catalogue->GetServer(company.server), database.path);
    services.catalogue->UpdateDatabase(database);
    services.Audit(call, "database.change", SubjectOf(database), PlaceOf(before), PlaceOf(database));
  }
  transaction.Commit();
  services.Changed();
  return Answer(database);
}

// Its backups stay in the bucket, but nobody would see them any more: that must be said.
Response RemoveDatabase(Services& services, const Call& call) {
  const bool forget = NumberParameter(call.request, "olvidar_respaldos", 0, 1, 0) == 1;
  catalogue::Transaction transaction(*services.catalogue);
  const Database database = FindDatabase(services, call);
  const size_t backups =
      services.catalogue->ListBackups({.company = database.company, .fiscal_year = database.fiscal_year}).size();
  if (backups > 0 && !forget) {
    throw Refusal("conflict", "the database has " + std::to_string(backups) + " backups",
                  "with olvidar_respaldos=1 they are forgotten; they stay in the store");
  }
  services.catalogue->RemoveDatabase(database.company, database.fiscal_year, catalogue::Contents::kForget);
  Json before = PlaceOf(database);
  before["respaldos"] = backups;
  services.Audit(call, "database.remove", SubjectOf(database), before, nullptr);
  transaction.Commit();
  services.Changed();
  return {.status = 204};
}

// An import, with what was there before, so that it can be shown and told of one by one.
class Import {
 public:
  Import(Services& services, const Call& call) : services_(services), call_(call) {}

  Response Run() {
    Body body(call_.request);
    const std::string csv = body.RequireText("csv");
    const bool only_try = body.TakeFlag("prueba").value_or(false);
    body.Finish();
    const auto wiring = services_.wiring();
    const auto companies = catalogue::ParseCompanyCsv(csv, planner::TimeZone::IsKnown);
    catalogue::Transaction transaction(*services_.catalogue);
    for (Company& company : services_.catalogue->ListCompanies()) companies_.emplace(company.id, std::move(company));
    for (Database& database : services_.catalogue->ListDatabases()) {
      databases_.emplace(std::pair(database.company, database.fiscal_year), std::move(database));
    }
    const catalogue::ImportResult result =
        catalogue::ImportCompanies(*services_.catalogue, companies, Defaults(wiring->config()), services_.Now());
    Json shown = Json::array();
    for (const catalogue::ImportedCompany& company : companies) {
      Json one = Tell(wiring->config(), company);
      if (one["estado"] == "sin_cambios" && one["bases"].empty()) continue;
      if (shown.size() < kMostShown) shown.push_back(std::move(one));
    }
    Json json{{"prueba", only_try}, {"empresas", Counts(result.companies)}, {"bases", Counts(result.databases)}};
    if (!only_try) {
      services_.Audit(call_, "company.import", "", nullptr, json);
      transaction.Commit();
      services_.Changed();
    }
    json["cambios"] = std::move(shown);
    return JsonResponse(json);
  }

 private:
  static Json Counts(const catalogue::ImportCounts& counts) {
    return {{"nuevas", counts.added}, {"cambiadas", counts.changed}, {"sin_cambios", counts.unchanged}};
  }

  // Of one company what the file made of it, which is written to the audit log too.
  Json Tell(const service::Config& config, const catalogue::ImportedCompany& imported) {
    const Company after = services_.catalogue->GetCompany(imported.id);
    const auto before = companies_.find(imported.id);
    const bool is_new = before == companies_.end();
    const bool differs = !is_new && before->second != after;
    if (is_new) services_.Audit(call_, "company.add", after.id, nullptr, service::ToJson(after));
    if (differs) {
      services_.Audit(call_, "company.change", after.id, service::ToJson(before->second), service::ToJson(after));
    }
    Json databases = Json::array();
    const Server server = services_.catalogue->GetServer(after.server);
    for (const catalogue::ImportedDatabase& one : imported.databases) {
      if (auto told = Tell(config, server, imported.id, one); !told.is_null()) databases.push_back(std::move(told));
    }
    return {{"empresa", after.id},
            {"nombre", after.name},
            {"fila", imported.row},
            {"estado", is_new    ? "nueva"
                       : differs ? "cambiada"
                                 : "sin_cambios"},
            {"bases", std::move(databases)}};
  }

  Json Tell(const service::Config& config, const Server& server, const std::string& company,
            const catalogue::ImportedDatabase& imported) {
    const auto before = databases_.find({company, imported.fiscal_year});
    const bool is_new = before == databases_.end();
    if (!is_new && before->second.path == imported.path) return nullptr;
    try {
      RequireDatabasePath(config, server, imported.path);
    } catch (const Error& error) {
      throw Refusal("invalid", "row " + std::to_string(imported.row) + ", column base: " + error.what(), error.hint());
    }
    const Database after{.company = company, .fiscal_year = imported.fiscal_year, .path = imported.path};
    services_.Audit(call_, is_new ? "database.add" : "database.change", SubjectOf(after),
                    is_new ? Json(nullptr) : PlaceOf(before->second), PlaceOf(after));
    return {{"anio_fiscal", after.fiscal_year},
            {"base", after.path},
            {"estado", is_new ? "nueva" : "cambiada"},
            {"antes", is_new ? Json(nullptr) : TextOrNull(before->second.path)}};
  }

  Services& services_;
  const Call& call_;
  std::map<std::string, Company> companies_;
  std::map<std::pair<std::string, int>, Database> databases_;
};

}  // namespace

void AddCompanyAdminRoutes(std::vector<Route>& routes, Services& services) {
  const std::string all = "/api/v1/companies";
  const std::string databases = all + "/{company}/databases";
  const std::string one = databases + "/{year}";
  const RouteAdder add(routes, services, Access::kAdminister);
  add(Method::kPost, all, AddCompany);
  add(Method::kPost, all + "/import", [](Services& given, const Call& call) { return Import(given, call).Run(); });
  add(Method::kPost, databases, AddDatabase);
  add(Method::kGet, one, [](Services& given, const Call& call) { return Answer(FindDatabase(given, call)); });
  add(Method::kPatch, one, ChangeDatabase);
  add(Method::kDelete, one, RemoveDatabase);
}

}  // namespace cofre::api
