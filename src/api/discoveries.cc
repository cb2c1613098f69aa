#include "api/discoveries.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "base/text.h"

namespace cofre::api {
namespace {

constexpr size_t kMostShown = 500;  // of each list

template <typename Found>
Json ListOf(const std::vector<Found>& found) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(found.size(), kMostShown); ++i) {
    list.push_back(
        {{"empresa", found[i].company}, {"anio_fiscal", found[i].fiscal_year}, {"base", TextOrNull(found[i].path)}});
  }
  return {{"total", found.size()}, {"bases", std::move(list)}};
}

}  // namespace

void Discoveries::Start(const std::string& server) {
  const auto wiring = services_.wiring();
  const auto& configured = wiring->config().service.discovery;
  const auto how = std::ranges::find(configured, server, &service::DiscoveryConfig::server);
  if (how == configured.end()) {
    throw Error(ErrorKind::kNotFound, "the configuration says no way to find the databases of " + Quoted(server),
                "write a [[descubrimiento]] with servidor = \"" + server + "\" on the machine of the service");
  }
  const std::lock_guard lock(mutex_);
  if (running_) throw Refusal("conflict", "a discovery runs already", "wait for its end");
  running_ = true;
  runs_[server] = {.began = services_.Now()};
  // The one before has ended, but for its last instructions.
  thread_ = std::jthread([this, how = *how](const std::stop_token& stop) { Discover(how, stop); });
}

void Discoveries::Discover(const service::DiscoveryConfig& how, const std::stop_token& stop) {
  Run run;
  try {
    run.report = service::Discover(*services_.wiring(), how, {}, stop);
  } catch (const Error& error) {
    run.error = error.what();
    run.hint = error.hint();
  } catch (const std::exception& error) {
    run.error = error.what();
  }
  services_.Changed();
  const std::lock_guard lock(mutex_);
  run.began = runs_[how.server].began;
  run.ended = services_.Now();
  runs_[how.server] = std::move(run);
  running_ = false;
}

Json Discoveries::Show(const std::string& server) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(server);
  if (found == runs_.end()) {
    throw Error(ErrorKind::kNotFound, "nobody has asked for a discovery on " + Quoted(server) + " of late");
  }
  const Run& run = found->second;
  const char* state = !run.ended ? "running" : run.error.empty() ? "done" : "failed";
  Json remarks = Json::array();
  for (size_t i = 0; i < std::min(run.report.remarks.size(), kMostShown); ++i) remarks.push_back(run.report.remarks[i]);
  return {{"servidor", server},
          {"estado", state},
          {"inicio", FormatTime(run.began)},
          {"fin", TimeOrNull(run.ended)},
          {"mensaje", TextOrNull(run.error)},
          {"ayuda", TextOrNull(run.hint)},
          {"nuevas", ListOf(run.report.added)},
          {"devueltas", ListOf(run.report.returned)},
          {"desaparecidas", ListOf(run.report.vanished)},
          {"observaciones", std::move(remarks)}};
}

}  // namespace cofre::api
