// The fleet as a whole: today, servers, plan, space, report, settings.

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/fleet_json.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"
#include "planner/explain.h"
#include "service/fleet_nodes.h"
#include "service/report_json.h"

namespace cofre::api {
namespace {

constexpr size_t kMostProblems = 50;
constexpr size_t kMostRunning = 500;
constexpr size_t kMostJobs = 100'000;
constexpr auto kDay = std::chrono::hours(24);

// The summary of the fleet. Made beforehand while somebody looks at it, since it goes through the jobs of a day.
class Today {
 public:
  explicit Today(Services& services) : services_(services) {}

  Response Answer() {
    {
      const std::lock_guard lock(mutex_);
      const Duration now = services_.clock.Monotonic();
      asked_at_ = now;
      const bool is_usable = of_ != nullptr && changes_ == services_.fleet.changes() && now - made_at_ < kFleetUsable;
      if (is_usable) return {.type = "application/json", .body = body_};
    }
    return {.type = "application/json", .body = MakeAndKeep()};
  }

  // See Services::background.
  void Refresh() {
    {
      const std::lock_guard lock(mutex_);
      if (!asked_at_ || services_.clock.Monotonic() - *asked_at_ > kFleetAskedOfLate) return;
    }
    MakeAndKeep();
  }

 private:
  std::string MakeAndKeep() {
    const std::lock_guard making(making_);
    const uint64_t changes = services_.fleet.changes();
    const auto fleet = services_.fleet.Get();
    {
      const std::lock_guard lock(mutex_);
      if (fleet == of_) return body_;
    }
    const Duration now = services_.clock.Monotonic();
    std::string body = Compact(Make(*fleet));
    const std::lock_guard lock(mutex_);
    body_ = body;
    of_ = fleet;
    made_at_ = now;
    changes_ = changes;
    return body;
  }

  Json Make(const FleetSnapshot& fleet) {
    const auto wiring = services_.wiring();
    const TimePoint now = services_.Now();
    const std::vector<Job> jobs =
        services_.reading->ListJobs({.kind = JobKind::kBackup, .ended_since = now - kDay}, kMostJobs);
    Json json{{"fecha", FormatTime(fleet.health.at)},
              {"servicio", service::RunningService(*services_.reading, now).has_value()},
              {"pausado", fleet.health.paused},
              {"almacen_caido", fleet.health.store_down},
              {"empresas", Count(fleet, wiring->config())},
              {"ultimas_24_horas", Last(jobs, now)},
              {"problemas", Problems(fleet, jobs)},
              {"en_cola", fleet.health.queued.size()}};
    json["en_curso"] = Running(fleet);
    json.update(Next(fleet.plan));
    return json;
  }

  static Json Count(const FleetSnapshot& fleet, const service::Config& config) {
    std::array<size_t, 6> counts{};
    size_t full = 0;
    for (const CompanyRow& row : fleet.companies) {
      ++counts.at(static_cast<size_t>(row.condition));
      full += row.percent() >= config.notify.space.high ? 1 : 0;
    }
    Json json{{"total", fleet.companies.size()}};
    for (size_t i = 0; i < counts.size(); ++i)
      json[std::string(ConditionName(static_cast<CompanyCondition>(i)))] = counts.at(i);
    json["espacio_alto"] = full;
    return json;
  }

  // Also what ended in each of the last 24 hours, the oldest first.
  static Json Last(const std::vector<Job>& jobs, TimePoint now) {
    service::BackupCounts total;
    std::array<std::array<size_t, 3>, 24> hours{};
    for (const Job& job : jobs) {
      total.Add(job);
      const auto ago = (now - *job.ended) / std::chrono::hours(1);
      if (ago < 0 || ago > 23 || job.state < JobState::kDone) continue;
      ++hours.at(static_cast<size_t>(23 - ago))
            .at(static_cast<size_t>(job.state) - static_cast<size_t>(JobState::kDone));
    }
    Json by_hour = Json::array();
    for (size_t i = 0; i < hours.size(); ++i) {
      by_hour.push_back({{"desde", FormatTime(now - std::chrono::hours(24 - i))},
                         {"hechos", hours.at(i)[0]},
                         {"fallidos", hours.at(i)[1]},
                         {"interrumpidos", hours.at(i)[2]}});
    }
    return {{"hechos", total.done},
            {"fallidos", total.failed},
            {"interrumpidos", total.interrupted},
            {"bytes_volcado", total.dump_bytes},
            {"bytes_almacenados", total.stored_bytes},
            {"por_hora", std::move(by_hour)}};
  }

  // With what the last failure of the day said, where there was one.
  static Json Problems(const FleetSnapshot& fleet, const std::vector<Job>& jobs) {
    std::map<std::pair<std::string_view, int>, std::string_view> messages;
    for (const Job& job : jobs) {
      if (job.state == JobState::kFailed)
        messages.emplace(std::pair<std::string_view, int>(job.company, job.fiscal_year), job.message);
    }
    Json problems = Json::array();
    for (const CompanyRow& row : fleet.companies) {
      for (const service::DatabaseHealth& health : row.databases) {
        if (!health.enabled || (!health.failing && !health.late)) continue;
        if (problems.size() == kMostProblems) return problems;
        Json one = ToJson(health);
        one["nombre"] = health.name;
        one["servidor"] = health.server;
        const auto message = messages.find(std::pair<std::string_view, int>(health.company, health.fiscal_year));
        one["mensaje"] = message == messages.end() ? Json(nullptr) : Json(message->second);
        problems.push_back(std::move(one));
      }
    }
    return problems;
  }

  Json Running(const FleetSnapshot& fleet) const {
    Json list = Json::array();
    for (const Job& job : fleet.health.running) {
      if (list.size() == kMostRunning) break;
      Json one = services_.jobs.ToJson(job);
      one["proceso"] = TextOrNull(job.owner);
      list.push_back(std::move(one));
    }
    return list;
  }

  static Json Next(const Plan& plan) {
    std::optional<TimePoint> next;
    size_t count = 0;
    for (const PlanEntry& entry : plan.entries) {
      if (entry.reason != PlanReason::kNotDue || entry.when == kNoTime) continue;
      if (!next || entry.when < *next) {
        next = entry.when;
        count = 0;
      }
      if (entry.when == *next) ++count;
    }
    return {{"siguiente", TimeOrNull(next)}, {"siguiente_bases", count}};
  }

  Services& services_;
  std::mutex making_;
  std::mutex mutex_;  // of the next
  std::string body_;
  std::shared_ptr<const FleetSnapshot> of_;
  Duration made_at_{};
  std::optional<Duration> asked_at_;
  uint64_t changes_ = 0;
};

Json ServerJson(Services& services, const Server& server) {
  const auto fleet = services.fleet.Get();
  const auto health = std::ranges::find(fleet->health.servers, server.name, &service::ServerHealthNow::name);
  return ToJson(health == fleet->health.servers.end() ? service::ServerHealthNow{.name = server.name} : *health,
                server);
}

Response ListServers(Services& services, const Call&) {
  Json servers = Json::array();
  for (const Server& server : services.catalogue->ListServers()) servers.push_back(ServerJson(services, server));
  return JsonResponse({{"servidores", std::move(servers)}});
}

Response ShowServer(Services& services, const Call& call) {
  return JsonResponse(ServerJson(services, services.catalogue->GetServer(ParseServerName(call.Parameter("server")))));
}

Json EntryJson(const service::FleetState& state, const Plan& plan, uint32_t i, const std::string& company,
               const CompanyRow* row) {
  const auto time = [](TimePoint at) { return at == kNoTime ? Json(nullptr) : Json(FormatTime(at)); };
  const PlanEntry& entry = plan.entries[i];
  return {{"empresa", company},
          {"nombre", row == nullptr ? Json(nullptr) : Json(row->company.name)},
          {"anio_fiscal", state.fleet.databases[i].fiscal_year},
          {"se_ejecuta", entry.runs()},
          {"motivo", PlanReasonName(entry.reason)},
          {"prioridad", JobPriorityName(entry.priority)},
          {"lote", entry.batch == 0 ? Json(nullptr) : Json(entry.batch)},
          {"prevista", time(entry.due)},
          {"tardia", entry.late},
          {"hasta", time(entry.when)},
          {"explicacion", planner::Explain(plan, state.fleet, i)}};
}

// What runs first, then the rest by company and year.
Response ShowPlan(Services& services, const Call& call) {
  const std::string company =
      call.request.Query("empresa").empty() ? "" : ParseCompanyId(call.request.Query("empresa"));
  const std::string& reason = call.request.Query("motivo");
  const auto fleet = services.fleet.Get();
  const service::FleetState& state = fleet->fleet;
  const Plan& plan = fleet->plan;
  const auto company_of = [&](uint32_t i) -> const std::string& {
    return state.companies[state.fleet.databases[i].company];
  };
  std::vector<uint32_t> shown = plan.run;
  for (uint32_t i = 0; i < plan.entries.size(); ++i) {
    if (!plan.entries[i].runs()) shown.push_back(i);
  }
  std::erase_if(shown, [&](uint32_t i) {
    return !call.identity->Sees(company_of(i)) || (!company.empty() && company_of(i) != company) ||
           (!reason.empty() && PlanReasonName(plan.entries[i].reason) != reason);
  });
  const Page page = PageOf(call.request);
  Json list = Json::array();
  for (size_t n = page.First(); n < shown.size() && n < page.First() + page.size; ++n) {
    const std::string& id = company_of(shown[n]);
    list.push_back(EntryJson(state, plan, shown[n], id, fleet->Find(id)));
  }
  return JsonResponse({{"fecha", FormatTime(plan.made_at)},
                       {"siguiente", TimeOrNull(plan.next_event)},
                       {"total", shown.size()},
                       {"pagina", page.number},
                       {"por_pagina", page.size},
                       {"bases", std::move(list)}});
}

Response ShowSpace(Services& services, const Call&) {
  const auto fleet = services.fleet.Get();
  const service::SpaceLevels levels = services.wiring()->config().notify.space;
  uint64_t used = 0;
  uint64_t limit = 0;
  size_t high = 0;
  size_t full = 0;
  for (const CompanyRow& row : fleet->companies) {
    used += row.used_bytes;
    limit += row.company.space_limit_bytes;
    high += row.percent() >= levels.high ? 1 : 0;
    full += row.percent() >= levels.full ? 1 : 0;
  }
  return JsonResponse({{"bytes_usados", used},
                       {"bytes_limite", limit},
                       {"porcentaje_alto", levels.high},
                       {"porcentaje_lleno", levels.full},
                       {"empresas_alto", high},
                       {"empresas_lleno", full}});
}

Response ShowReport(Services& services, const Call& call) {
  const TimePoint now = services.Now();
  const auto days = NumberParameter(call.request, "dias", 1, 366, 1);
  const std::string& asked = call.request.Query("empresa");
  const std::string company = asked.empty() ? "" : ParseCompanyId(asked);
  const service::Report report =
      service::MakeReport(*services.reading, services.wiring()->config(), now - days * kDay, now, company);
  const Page page = PageOf(call.request);
  Json list = Json::array();
  for (size_t i = page.First(); i < report.databases.size() && i < page.First() + page.size; ++i) {
    const service::DatabaseReport& one = report.databases[i];
    Json json = ToJson(one.health);
    json["nombre"] = one.health.name;
    json.update(service::ToJson(one.backups));
    json["mensaje"] = TextOrNull(one.last_error);
    list.push_back(std::move(json));
  }
  return JsonResponse({{"desde", FormatTime(report.from)},
                       {"hasta", FormatTime(report.to)},
                       {"todas", service::ToJson(report.total)},
                       {"total", report.databases.size()},
                       {"pagina", page.number},
                       {"por_pagina", page.size},
                       {"bases", std::move(list)}});
}

// Of the configuration, what explains how the fleet is treated. It is changed in the file.
Response ShowConfiguration(Services& services, const Call&) {
  const auto wiring = services.wiring();
  const service::Config& config = wiring->config();
  const Policy& policy = config.policy;
  static constexpr double kGigabyte = 1 << 30;
  return JsonResponse({{"zona_horaria", config.time_zone},
                       {"respaldos_anio_actual", config.retention.current_year_days},
                       {"respaldos_anio_cerrado", config.retention.closed_year_backups},
                       {"mes_inicio_fiscal", config.first_fiscal_month},
                       {"margen_minutos", policy.scheduled.margin.count()},
                       {"tamano_lote", policy.scheduled.batch_size},
                       {"candidatos", policy.refresh.candidates},
                       {"inicios_por_hora", policy.refresh.starts_per_hour},
                       {"inicios_por_minuto", policy.refresh.starts_per_minute},
                       {"dias_antiguedad", policy.refresh.max_age.count() / 24},
                       {"trabajadores", config.service.workers},
                       {"verificacion_dias", config.service.verify_every.count() / 24},
                       {"ensayos_por_dia", config.service.drills_per_day},
                       {"empresa_hora_backup", FormatBackupTime(config.company.backup_time)},
                       {"empresa_limite_espacio_gb", static_cast<double>(config.company.space_limit_bytes) / kGigabyte},
                       {"atraso_horas", config.notify.late_after.count()},
                       {"atraso_dias_cerrado", config.notify.late_after_closed.count() / 24},
                       {"espacio_alto_porcentaje", config.notify.space.high},
                       {"espacio_lleno_porcentaje", config.notify.space.full}});
}

}  // namespace

void AddFleetRoutes(std::vector<Route>& routes, Services& services) {
  const RouteAdder add(routes, services, Access::kRead);
  const auto today = std::make_shared<Today>(services);
  routes.push_back({Method::kGet, "/api/v1/today", Access::kRead, [today](const Call&) { return today->Answer(); }});
  services.background.emplace_back([today] { today->Refresh(); });
  add(Method::kGet, "/api/v1/servers", ListServers);
  add(Method::kGet, "/api/v1/servers/{server}", ShowServer);
  RouteAdder(routes, services, Access::kOwn)(Method::kGet, "/api/v1/plan", ShowPlan);
  add(Method::kGet, "/api/v1/space", ShowSpace);
  add(Method::kGet, "/api/v1/report", ShowReport);
  add(Method::kGet, "/api/v1/settings", ShowConfiguration);
}

}  // namespace cofre::api
