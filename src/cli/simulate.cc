#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "planner/simulation_figures.h"

namespace cofre::cli {
namespace {

using planner::FigureKeeper;
using planner::HourFigures;
using service::Json;
using std::chrono::days;

struct SimulateOptions {
  std::string companies = "1000";
  std::string current = "80";
  std::string days = "40";
  std::string seed = "1";
  std::string failure_rate = "0";
};

struct Simulation {
  planner::SimulatedFleet fleet;
  size_t days = 0;
  uint64_t seed = 0;
  TimePoint from;
  planner::TimeZone zone;
};

// What several hours come to.
HourFigures Sum(const std::vector<HourFigures>& hours) {
  HourFigures sum;
  for (const HourFigures& hour : hours) {
    sum.scheduled += hour.scheduled;
    sum.refreshes += hour.refreshes;
    sum.retries += hour.retries;
    sum.batches += hour.batches;
    sum.failed += hour.failed;
    sum.late += hour.late;
    sum.most_running = std::max(sum.most_running, hour.most_running);
    sum.covered = std::max(sum.covered, hour.covered);
  }
  return sum;
}

// The hours of each day, or the same hour of every day.
std::vector<std::vector<HourFigures>> Grouped(const std::vector<HourFigures>& hours, bool by_day) {
  std::vector<std::vector<HourFigures>> groups(by_day ? hours.size() / 24 : 24);
  for (size_t i = 0; i < hours.size(); ++i) groups.at(by_day ? i / 24 : i % 24).push_back(hours[i]);
  return groups;
}

std::string Average(uint32_t sum, size_t count) {
  return fmt::format("{:.1f}", static_cast<double>(sum) / static_cast<double>(count));
}

std::string FormatHours(const std::vector<HourFigures>& hours) {
  Table table({{"hour"},
               {"batches", Align::kRight},
               {"current", Align::kRight},
               {"closed", Align::kRight},
               {"closed, most", Align::kRight},
               {"failed", Align::kRight},
               {"at once, most", Align::kRight}});
  const auto groups = Grouped(hours, false);
  for (size_t hour = 0; hour < groups.size(); ++hour) {
    const HourFigures sum = Sum(groups[hour]);
    const size_t count = groups[hour].size();
    const uint32_t most = std::ranges::max(groups[hour], {}, &HourFigures::refreshes).refreshes;
    table.AddRow({fmt::format("{:02}:00", hour), Average(sum.batches, count), Average(sum.scheduled, count),
                  Average(sum.refreshes, count), std::to_string(most), Average(sum.failed, count),
                  std::to_string(sum.most_running)});
  }
  return table.Format();
}

std::string FormatDays(const std::vector<HourFigures>& hours, const Simulation& simulation, uint32_t closed) {
  Table table({{"day"},
               {"batches", Align::kRight},
               {"current", Align::kRight},
               {"closed", Align::kRight},
               {"retries", Align::kRight},
               {"failed", Align::kRight},
               {"late", Align::kRight},
               {"closed years covered", Align::kRight}});
  for (const std::vector<HourFigures>& day : Grouped(hours, true)) {
    const HourFigures sum = Sum(day);
    table.AddRow({planner::FormatDay(simulation.zone.DayOf(day.front().begin)), std::to_string(sum.batches),
                  std::to_string(sum.scheduled), std::to_string(sum.refreshes), std::to_string(sum.retries),
                  std::to_string(sum.failed), std::to_string(sum.late), fmt::format("{} of {}", sum.covered, closed)});
  }
  return table.Format();
}

std::string FormatSummary(const FigureKeeper& figures) {
  const std::vector<HourFigures>& hours = figures.hours();
  const uint32_t most = std::ranges::max(hours, {}, &HourFigures::refreshes).refreshes;
  const auto coverage = figures.HoursToCoverage();
  std::string text = fmt::format("Current years: {} batches and {} backups at 01:00 of the first day.\n",
                                 hours.at(1).batches, hours.at(1).scheduled);
  text += fmt::format("Closed years: at most {} started in an hour; ", most);
  if (figures.closed() == 0) return text + "there are none.\n";
  if (!coverage) return text + fmt::format("{} of {} covered so far.\n", hours.back().covered, figures.closed());
  text += fmt::format("all {} covered after {} hours", figures.closed(), *coverage);
  const auto daily = figures.RefreshesADayAfterCoverage();
  return text + (daily ? fmt::format("; then {:.1f} a day.\n", *daily) : ".\n");
}

Json ToJson(const HourFigures& hour) {
  return {{"hora", FormatTime(hour.begin)},
          {"anio_actual", hour.scheduled},
          {"anio_cerrado", hour.refreshes},
          {"reintentos", hour.retries},
          {"lotes", hour.batches},
          {"fallidas", hour.failed},
          {"atrasadas", hour.late},
          {"simultaneas", hour.most_running},
          {"anios_cerrados_cubiertos", hour.covered}};
}

Json ToJson(const FigureKeeper& figures, const Simulation& simulation) {
  Json hours = Json::array();
  for (const HourFigures& hour : figures.hours()) hours.push_back(ToJson(hour));
  const auto coverage = figures.HoursToCoverage();
  const auto daily = figures.RefreshesADayAfterCoverage();
  return {{"empresas", simulation.fleet.companies},
          {"anio_actual", simulation.fleet.current},
          {"anio_cerrado", figures.closed()},
          {"dias", simulation.days},
          {"semilla", simulation.seed},
          {"tasa_fallos", simulation.fleet.failure_rate},
          {"horas_hasta_cubrir", coverage ? Json(*coverage) : Json()},
          {"anio_cerrado_por_dia_despues", daily ? Json(*daily) : Json()},
          {"horas", std::move(hours)}};
}

// The configured zone and policy where there is a configuration; it isn't needed.
std::optional<service::Config> FindConfig(const Session& session) {
  try {
    return service::LoadConfig(service::ConfigPath(session.config_option));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound || !session.config_option.empty()) throw;
    return std::nullopt;
  }
}

Simulation ReadOptions(const SimulateOptions& options, const planner::TimeZone& zone) {
  planner::SimulatedFleet fleet;
  fleet.companies = static_cast<uint32_t>(ParseNumber(options.companies, "the number of companies", 1, 1'000'000));
  fleet.current = static_cast<uint32_t>(
      ParseNumber(options.current, "the number of databases of the current year", 0, fleet.companies));
  fleet.failure_rate = ParseShare(options.failure_rate, "the failure rate");
  return {.fleet = fleet,
          .days = ParseNumber(options.days, "the number of days", 1, 3650),
          .seed = ParseNumber(options.seed, "the seed", 0, UINT64_MAX),
          // A Monday in the middle of nothing: no turn of a year is near.
          .from = zone.BeginOf(planner::ParseDay("2026-03-02")),
          .zone = zone};
}

int RunSimulate(Session& session, const SimulateOptions& options) {
  const auto config = FindConfig(session);
  const Simulation simulation =
      ReadOptions(options, planner::TimeZone::Find(config ? config->time_zone : "America/Bogota"));
  planner::Fleet fleet = planner::MakeSimulatedFleet(simulation.fleet, simulation.zone, simulation.from);
  FigureKeeper figures(fleet, simulation.from, days(simulation.days));
  planner::FleetSimulation run(
      std::move(fleet),
      {.policy = config ? config->policy : Policy(),
       .retention = config ? config->retention : planner::RetentionPolicy(),
       .seed = simulation.seed,
       .job = [&](uint32_t, TimePoint, Random& random) { return planner::SimulateJob(simulation.fleet, random); }},
      simulation.from, figures);
  for (size_t day = 0; day < simulation.days && !session.stop().stop_requested(); ++day) run.RunFor(days(1));
  if (session.stop().stop_requested()) throw Error(ErrorKind::kCancelled, "the simulation was ended");
  if (session.json) {
    session.PrintJson(ToJson(figures, simulation));
    return 0;
  }
  session.Print(fmt::format("{} days of {} companies, {} of the current year, none backed up before (seed {})\n\n",
                            simulation.days, simulation.fleet.companies, simulation.fleet.current, simulation.seed));
  session.Print("By hour of the day, on average; backups started:\n" + FormatHours(figures.hours()) + "\n");
  session.Print(FormatDays(figures.hours(), simulation, figures.closed()) + "\n");
  session.Print(FormatSummary(figures));
  return 0;
}

}  // namespace

Command SimulateCommand() {
  auto options = std::make_shared<SimulateOptions>();
  return {
      .name = "simulate",
      .summary = "Show the load and the coverage of a made-up fleet over days, in seconds",
      .details =
          "Runs the planner with the configured policy (or the defaults) on a clock of its own; nothing is backed up.\n"
          "Companies have one database each, at 01:00, on servers of 200 companies; a backup takes 20 s to 2 minutes.",
      .examples = {{"cofre simulate --companies 1000 --current 80 --days 40", "what a month looks like"},
                   {"cofre simulate --failure-rate 5% --seed 7", "with failures; the same seed gives the same month"},
                   {"cofre simulate --json", "every hour, for a program"}},
      .options = {{"--companies", "N", "how many companies (1000)", &options->companies},
                  {"--current", "N", "how many of them have a database of the current year (80)", &options->current},
                  {"--days", "N", "how many days (40)", &options->days},
                  {"--seed", "N", "what chance begins with (1)", &options->seed},
                  {"--failure-rate", "R", "share of backups that fail, as in 5% (0)", &options->failure_rate}},
      .run = [options](Session& session) { return RunSimulate(session, *options); },
  };
}

}  // namespace cofre::cli
