// Companies and what is theirs: reading.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/fleet_json.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"
#include "model/validate.h"

namespace cofre::api {
namespace {

using Row = const CompanyRow*;
using Less = std::function<bool(Row, Row)>;

template <typename Key>
Less By(Key key) {
  return [key](Row a, Row b) { return key(*a) < key(*b); };
}

// Empty for the orders that the fleet is kept in.
Less OrderOf(const std::string& name) {
  if (name.empty() || name == "empresa" || name == "nombre") return nullptr;
  if (name == "servidor") return By([](const CompanyRow& row) { return std::string_view(row.company.server); });
  if (name == "estado") return By([](const CompanyRow& row) { return row.condition; });
  if (name == "espacio") return By([](const CompanyRow& row) { return row.percent(); });
  if (name == "bytes_usados") return By([](const CompanyRow& row) { return row.used_bytes; });
  if (name == "hora_backup") return By([](const CompanyRow& row) { return row.company.backup_time; });
  if (name == "ultimo_respaldo") return By([](const CompanyRow& row) { return row.newest.value_or(TimePoint::min()); });
  throw Refusal("invalid", Quoted(name) + " is no order of companies",
                "empresa, nombre, servidor, estado, espacio, bytes_usados, hora_backup, ultimo_respaldo; - before it "
                "turns it round");
}

// What a list of companies is asked for.
struct Filter {
  std::string search;
  std::string server;
  std::optional<CompanyCondition> condition;
  std::optional<int> year;
  double least_percent = 0;

  bool FitsAll() const { return search.empty() && server.empty() && !condition && !year && least_percent == 0; }

  bool Fits(const CompanyRow& row) const {
    if (!search.empty() && row.folded.find(search) == std::string::npos) return false;
    if (!server.empty() && row.company.server != server) return false;
    if (condition && row.condition != *condition) return false;
    if (least_percent > 0 && row.percent() < least_percent) return false;
    return !year ||
           std::ranges::find(row.databases, *year, &service::DatabaseHealth::fiscal_year) != row.databases.end();
  }
};

// "900.869.750-0" finds 900869750.
std::string SearchOf(const std::string& text) {
  const std::string trimmed(Trimmed(text));
  const bool is_number =
      trimmed.find_first_not_of("0123456789.- ") == std::string::npos && trimmed.find('.') != std::string::npos;
  if (!is_number) return Fold(trimmed);
  std::string digits;
  for (const char c : trimmed.substr(0, trimmed.find('-'))) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  return digits;
}

Filter FilterOf(const Request& request) {
  Filter filter{.search = SearchOf(request.Query("buscar")), .server = request.Query("servidor")};
  if (const auto& state = request.Query("estado"); !state.empty()) filter.condition = ParseCondition(state);
  if (const auto& year = request.Query("anio_fiscal"); !year.empty()) filter.year = ParseFiscalYear(year);
  filter.least_percent = static_cast<double>(NumberParameter(request, "espacio_desde", 0, 1'000'000, 0));
  return filter;
}

Json ListCompanies(const FleetSnapshot& fleet, const Call& call) {
  const Filter filter = FilterOf(call.request);
  std::string order = call.request.Query("orden");
  const bool reversed = order.starts_with('-');
  if (reversed) order.erase(0, 1);
  std::vector<Row> rows;
  // To look at each of 10,000 rows is to wait for memory 10,000 times, and most requests want the first page of all.
  const bool wants_all = !call.identity->IsCompanyUser() && filter.FitsAll();
  const auto take = [&](const CompanyRow& row) {
    if (wants_all || (call.identity->Sees(row.company.id) && filter.Fits(row))) rows.push_back(&row);
  };
  if (order == "nombre") {
    for (const Row row : fleet.by_name) take(*row);
  } else {
    for (const CompanyRow& row : fleet.companies) take(row);
  }
  const auto less = OrderOf(order);
  if (reversed && !less) std::ranges::reverse(rows);
  if (less) std::ranges::stable_sort(rows, [&](Row a, Row b) { return reversed ? less(b, a) : less(a, b); });
  const Page page = PageOf(call.request);
  Json list = Json::array();
  for (size_t i = page.First(); i < rows.size() && i < page.First() + page.size; ++i) list.push_back(ToJson(*rows[i]));
  return {{"total", rows.size()}, {"pagina", page.number}, {"por_pagina", page.size}, {"empresas", std::move(list)}};
}

// Lists for those who see all, as of one look at the fleet: who watches asks for the same every few seconds.
class CompanyLists {
 public:
  explicit CompanyLists(Services& services) : services_(services) {}

  Response Answer(const Call& call) {
    const auto fleet = services_.fleet.Get();
    if (call.identity->IsCompanyUser()) return JsonResponse(ListCompanies(*fleet, call));
    {
      const std::lock_guard lock(mutex_);
      if (of_ != fleet) {
        of_ = fleet;
        kept_.clear();
        kept_bytes_ = 0;
      }
      const auto kept = kept_.find(call.request.query);
      if (kept != kept_.end()) return {.type = "application/json", .body = kept->second};
    }
    std::string body = Compact(ListCompanies(*fleet, call));
    const std::lock_guard lock(mutex_);
    const bool has_room = kept_.size() < kMostLists && kept_bytes_ + body.size() <= kMostBytes;
    if (of_ == fleet && has_room && kept_.emplace(call.request.query, body).second) kept_bytes_ += body.size();
    return {.type = "application/json", .body = std::move(body)};
  }

 private:
  static constexpr size_t kMostLists = 256;
  static constexpr size_t kMostBytes = size_t{8} << 20;

  Services& services_;
  std::mutex mutex_;  // of the next
  std::shared_ptr<const FleetSnapshot> of_;
  std::map<std::map<std::string, std::string>, std::string> kept_;  // bodies, by their query
  size_t kept_bytes_ = 0;
};

const CompanyRow& RowOf(const FleetSnapshot& fleet, const Company& company) {
  const CompanyRow* row = fleet.Find(company.id);
  if (row == nullptr) throw Refusal("unavailable", "the company was registered a moment ago", "try again");
  return *row;
}

Response ShowCompany(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  const auto fleet = services.fleet.Get();
  const CompanyRow& row = RowOf(*fleet, company);
  Json json = ToJson(row);
  Json databases = Json::array();
  for (const service::DatabaseHealth& database : row.databases) databases.push_back(ToJson(database));
  json["bases"] = std::move(databases);
  return JsonResponse(json);
}

Response ListDatabases(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  const auto fleet = services.fleet.Get();
  Json databases = Json::array();
  for (const Database& database : services.catalogue->ListDatabases({.company = company.id})) {
    Json json = service::ToJson(database);
    json.erase("comando");
    if (call.identity->IsCompanyUser()) json.erase("base");
    const CompanyRow* row = fleet->Find(company.id);
    if (row != nullptr) {
      for (const service::DatabaseHealth& health : row->databases) {
        if (health.fiscal_year == database.fiscal_year) json.update(ToJson(health));
      }
    }
    databases.push_back(std::move(json));
  }
  return JsonResponse({{"bases", std::move(databases)}});
}

Response ListBackups(Services& services, const Call& call) {
  catalogue::BackupFilter filter{.company = services.RequireCompany(call).id};
  if (const auto& year = call.request.Query("anio_fiscal"); !year.empty()) filter.fiscal_year = ParseFiscalYear(year);
  return JsonResponse({{"respaldos", service::ToJson(services.catalogue->ListBackups(filter))}});
}

Response ShowSettings(Services& services, const Call& call) {
  return JsonResponse(SettingsToJson(services.RequireCompany(call)));
}

}  // namespace

void AddCompanyRoutes(std::vector<Route>& routes, Services& services) {
  const std::string all = "/api/v1/companies";
  const std::string one = all + "/{company}";
  const RouteAdder add(routes, services, Access::kOwn);
  const auto lists = std::make_shared<CompanyLists>(services);
  routes.push_back({Method::kGet, all, Access::kOwn, [lists](const Call& call) { return lists->Answer(call); }});
  add(Method::kGet, one, ShowCompany);
  add(Method::kGet, one + "/databases", ListDatabases);
  add(Method::kGet, one + "/backups", ListBackups);
  add(Method::kGet, one + "/settings", ShowSettings);
}

}  // namespace cofre::api
