// Jobs and single backups: reading.

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"

namespace cofre::api {
namespace {

std::optional<TimePoint> TimeParameter(const Request& request, const std::string& name) {
  const std::string& text = request.Query(name);
  if (text.empty()) return std::nullopt;
  const auto time = ParseTime(text);
  if (!time) throw Refusal("invalid", name + " " + Quoted(text) + " is no time", "as in 2026-11-24T01:00:00Z");
  return time;
}

catalogue::JobFilter FilterOf(const Request& request) {
  catalogue::JobFilter filter{.server = request.Query("servidor")};
  if (const auto& text = request.Query("empresa"); !text.empty()) filter.company = ParseCompanyId(text);
  if (const auto& text = request.Query("anio_fiscal"); !text.empty()) filter.fiscal_year = ParseFiscalYear(text);
  if (const auto& text = request.Query("tipo"); !text.empty()) filter.kind = ParseJobKind(text);
  if (const auto& text = request.Query("estado"); !text.empty()) filter.state = ParseJobState(text);
  if (const auto& text = request.Query("motivo"); !text.empty()) filter.reason = ParseJobReason(text);
  filter.started_since = TimeParameter(request, "desde");
  if (const int64_t before = NumberParameter(request, "antes_de", 1, INT64_MAX, 0); before > 0) filter.before = before;
  if (const int64_t batch = NumberParameter(request, "lote", 1, INT64_MAX, 0); batch > 0) filter.batch = batch;
  return filter;
}

// Of a company user, company by company: others' never come near the answer.
std::vector<Job> ListOwn(Services& services, const User& user, catalogue::JobFilter filter, size_t limit) {
  std::vector<Job> jobs;
  for (const std::string& company : user.companies) {
    filter.company = company;
    std::ranges::move(services.catalogue->ListJobs(filter, limit), std::back_inserter(jobs));
  }
  std::ranges::sort(jobs, std::ranges::greater(), &Job::id);
  if (jobs.size() > limit) jobs.resize(limit);
  return jobs;
}

Response ListJobs(Services& services, const Call& call) {
  const auto limit = static_cast<size_t>(NumberParameter(call.request, "limite", 1, 1000, 100));
  const catalogue::JobFilter filter = FilterOf(call.request);
  if (!filter.company.empty() && !call.identity->Sees(filter.company)) {
    throw Error(ErrorKind::kNotFound, "there is no company " + Quoted(filter.company));
  }
  const std::vector<Job> jobs = call.identity->IsCompanyUser() && filter.company.empty()
                                    ? ListOwn(services, call.identity->user, filter, limit)
                                    : services.catalogue->ListJobs(filter, limit);
  return JsonResponse({{"tareas", services.jobs.ToJson(jobs, *call.identity)}});
}

Response ShowJob(Services& services, const Call& call) {
  return JsonResponse(services.jobs.ToJson(services.RequireJob(call), *call.identity));
}

Response ShowBackup(Services& services, const Call& call) {
  return JsonResponse(service::ToJson(services.RequireBackup(call)));
}

}  // namespace

Job Services::RequireJob(const Call& call) {
  const std::string& text = call.Parameter("job");
  const Error missing(ErrorKind::kNotFound, "there is no job " + Quoted(text));
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) throw missing;
  std::optional<Job> job;
  try {
    job = catalogue->GetJob(id);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kNotFound) throw;
  }
  if (!job || !call.identity->Sees(job->company)) throw missing;
  return *std::move(job);
}

Backup Services::RequireBackup(const Call& call) {
  const std::string& text = call.Parameter("backup");
  const Error missing(ErrorKind::kNotFound, "there is no backup " + Quoted(text));
  // The whole id: what begins one could be another company's, and its refusal would tell so.
  if (text.size() != 64) throw missing;
  std::optional<Backup> backup;
  try {
    backup = catalogue->FindBackup(text);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kNotFound && failure.kind() != ErrorKind::kUsage) throw;
  }
  if (!backup || !call.identity->Sees(backup->company)) throw missing;
  return *std::move(backup);
}

void AddJobRoutes(std::vector<Route>& routes, Services& services) {
  const RouteAdder add(routes, services, Access::kOwn);
  add(Method::kGet, "/api/v1/jobs", ListJobs);
  add(Method::kGet, "/api/v1/jobs/{job}", ShowJob);
  add(Method::kGet, "/api/v1/backups/{backup}", ShowBackup);
}

}  // namespace cofre::api
