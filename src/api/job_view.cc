#include "api/job_view.h"

#include <nlohmann/json.hpp>

namespace cofre::api {
namespace {

Json NameOf(catalogue::Catalogue& catalogue, const std::string& company) {
  const auto found = catalogue.FindCompany(company);
  return found ? Json(found->name) : Json(nullptr);
}

}  // namespace

service::JobProgress JobView::ProgressOf(const Job& job) const {
  service::JobProgress progress{.bytes = job.bytes};
  if (job.state != JobState::kRunning) return progress;
  return wiring_()->progress()->Find(job.id).value_or(progress);
}

Json JobView::ToJson(const Job& job) const {
  Json json = service::ToJson(job);
  json.erase("proceso");
  json["nombre"] = NameOf(catalogue_, job.company);
  const service::JobProgress progress = ProgressOf(job);
  const auto percent = progress.percent();
  json["bytes"] = progress.bytes;
  json["bytes_previstos"] = progress.expected_bytes == 0 ? Json(nullptr) : Json(progress.expected_bytes);
  json["porcentaje"] = percent ? Json(*percent) : Json(nullptr);
  return json;
}

Json JobView::ToJson(const Job& job, const Identity& identity) const {
  Json json = ToJson(job);
  if (!identity.IsCompanyUser()) json["proceso"] = TextOrNull(job.owner);
  return json;
}

Json JobView::ToJson(const std::vector<Job>& jobs, const Identity& identity) const {
  Json list = Json::array();
  for (const Job& job : jobs) list.push_back(ToJson(job, identity));
  return list;
}

}  // namespace cofre::api
