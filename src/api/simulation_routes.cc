// "What if there were 3,000 companies?": the planner on a virtual clock.

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "api/services.h"
#include "planner/simulation_figures.h"

namespace cofre::api {
namespace {

// A second or two of one core at most.
constexpr int64_t kMostCompanies = 20'000;
constexpr int64_t kMostDays = 60;
constexpr int64_t kMostCompanyDays = 120'000;

struct Question {
  planner::SimulatedFleet fleet;
  int64_t days = 14;
  Policy policy;
  size_t workers = 0;
};

template <typename Number>
void TakeNumber(const Request& request, const std::string& name, int64_t most, Number& number) {
  number = static_cast<Number>(NumberParameter(request, name, 1, most, static_cast<int64_t>(number)));
}

Question QuestionOf(const Request& request, const service::Config& config) {
  Question question{.policy = config.policy, .workers = config.service.workers};
  TakeNumber(request, "empresas", kMostCompanies, question.fleet.companies);
  question.fleet.current =
      static_cast<uint32_t>(NumberParameter(request, "anio_actual", 0, question.fleet.companies,
                                            std::max<int64_t>(1, question.fleet.companies * int64_t{8} / 100)));
  TakeNumber(request, "dias", kMostDays, question.days);
  question.fleet.failure_rate = static_cast<double>(NumberParameter(request, "fallos_porcentaje", 0, 100, 0)) / 100;
  TakeNumber(request, "trabajadores", 256, question.workers);
  TakeNumber(request, "tamano_lote", 1'000'000, question.policy.scheduled.batch_size);
  TakeNumber(request, "candidatos", 1'000'000, question.policy.refresh.candidates);
  TakeNumber(request, "inicios_por_hora", 1'000'000, question.policy.refresh.starts_per_hour);
  TakeNumber(request, "inicios_por_minuto", 1'000'000, question.policy.refresh.starts_per_minute);
  if (question.fleet.companies * question.days > kMostCompanyDays) {
    throw Refusal("invalid", "so many companies for so many days take too long",
                  "empresas times dias is 120000 at most; cofre simulate has no such limit");
  }
  return question;
}

Json DayJson(std::vector<planner::HourFigures>::const_iterator first) {
  planner::HourFigures sum;
  for (auto hour = first; hour != first + 24; ++hour) {
    sum.scheduled += hour->scheduled;
    sum.refreshes += hour->refreshes;
    sum.retries += hour->retries;
    sum.batches += hour->batches;
    sum.failed += hour->failed;
    sum.late += hour->late;
    sum.most_running = std::max(sum.most_running, hour->most_running);
    sum.covered = hour->covered;
  }
  return {{"anio_actual", sum.scheduled},    {"anio_cerrado", sum.refreshes},
          {"reintentos", sum.retries},       {"lotes", sum.batches},
          {"fallidas", sum.failed},          {"atrasadas", sum.late},
          {"simultaneas", sum.most_running}, {"anios_cerrados_cubiertos", sum.covered}};
}

// What starts at each hour of the day, all days together.
Json HoursJson(const std::vector<planner::HourFigures>& hours) {
  std::vector<std::pair<uint32_t, uint32_t>> sums(24);
  for (size_t i = 0; i < hours.size(); ++i) {
    sums.at(i % 24).first += hours[i].scheduled;
    sums.at(i % 24).second += hours[i].refreshes;
  }
  Json json = Json::array();
  for (const auto& [scheduled, refreshes] : sums) {
    json.push_back({{"anio_actual", scheduled}, {"anio_cerrado", refreshes}});
  }
  return json;
}

Response Simulate(Services& services, std::mutex& one_at_a_time, const Call& call) {
  const auto wiring = services.wiring();
  const Question question = QuestionOf(call.request, wiring->config());
  const std::unique_lock turn(one_at_a_time, std::try_to_lock);
  if (!turn) {
    Refusal refusal("unavailable", "another simulation runs", "try again in a moment");
    refusal.WithRetryAfter(std::chrono::seconds(2));
    throw refusal;
  }
  const planner::TimeZone zone = planner::TimeZone::Find(wiring->config().time_zone);
  // A Monday, no turn of a year near.
  const TimePoint from = zone.BeginOf(planner::ParseDay("2026-03-02"));
  const Duration length = question.days * std::chrono::hours(24);
  planner::Fleet fleet = planner::MakeSimulatedFleet(question.fleet, zone, from);
  planner::FigureKeeper figures(fleet, from, length);
  planner::FleetSimulation run(
      std::move(fleet),
      {.policy = question.policy,
       .retention = wiring->config().retention,
       .workers = question.workers,
       .job = [&](uint32_t, TimePoint, Random& random) { return planner::SimulateJob(question.fleet, random); }},
      from, figures);
  run.RunFor(length);
  Json by_day = Json::array();
  const auto& hours = figures.hours();
  for (size_t i = 0; i + 24 <= hours.size(); i += 24) {
    by_day.push_back(DayJson(hours.begin() + static_cast<std::ptrdiff_t>(i)));
  }
  const auto coverage = figures.HoursToCoverage();
  const auto daily = figures.RefreshesADayAfterCoverage();
  return JsonResponse({{"empresas", question.fleet.companies},
                       {"anio_actual", question.fleet.current},
                       {"anio_cerrado", figures.closed()},
                       {"dias", question.days},
                       {"horas_hasta_cubrir", coverage ? Json(*coverage) : Json(nullptr)},
                       {"anio_cerrado_por_dia_despues", daily ? Json(*daily) : Json(nullptr)},
                       {"por_dia", std::move(by_day)},
                       {"por_hora", HoursJson(hours)}});
}

}  // namespace

void AddSimulationRoutes(std::vector<Route>& routes, Services& services) {
  routes.push_back({Method::kGet, "/api/v1/simulation", Access::kRead,
                    [&services, turn = std::make_shared<std::mutex>()](const Call& call) {
                      return Simulate(services, *turn, call);
                    }});
}

}  // namespace cofre::api
