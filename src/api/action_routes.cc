// What an operator starts, stops and removes.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/download_files.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/text.h"
#include "engine/prune_job.h"
#include "model/plan.h"

namespace cofre::api {
namespace {

constexpr size_t kLongestKey = 200;
constexpr auto kKeysKept = std::chrono::hours(48);
constexpr auto kLongestPin = std::chrono::hours(24 * 3660);

struct Order {
  JobKind kind = JobKind::kBackup;
  std::vector<int> years;  // 0: all of the company in one job
  std::optional<TimePoint> pinned_until;
  std::string snapshot_id = {};  // the backup that an export is of
};

std::optional<TimePoint> TakeTime(Body& body, const std::string& key, TimePoint now) {
  const auto text = body.TakeText(key);
  if (!text) return std::nullopt;
  const auto time = ParseTime(*text);
  if (!time || *time <= now || *time > now + kLongestPin) {
    throw Refusal("invalid", key + " " + Quoted(*text) + " is no time within the next ten years",
                  "as in 2026-11-24T01:00:00Z");
  }
  return time;
}

std::optional<int> TakeYear(Body& body) {
  const auto number = body.TakeNumber("anio_fiscal");
  if (!number) return std::nullopt;
  if (*number < kFirstFiscalYear || *number > kLastFiscalYear || *number != static_cast<int>(*number)) {
    throw Refusal("invalid", "anio_fiscal is no fiscal year", "as in 2026");
  }
  return static_cast<int>(*number);
}

// The years that are meant: the one, or all that are registered.
std::vector<int> YearsOf(Services& services, const Company& company, std::optional<int> year) {
  if (year) return {services.catalogue->GetDatabase(company.id, *year).fiscal_year};
  std::vector<int> years;
  for (const Database& database : services.catalogue->ListDatabases({.company = company.id})) {
    years.push_back(database.fiscal_year);
  }
  if (years.empty()) throw Refusal("conflict", "the company " + company.id + " has no databases");
  return years;
}

// One transaction: the same key again starts nothing, and is answered with what it had started.
std::vector<Job> Enqueue(Services& services, const Call& call, const Company& company, const Order& order) {
  const std::string& user = call.identity->user.name;
  const std::string& key = call.request.Header("idempotency-key");
  if (key.size() > kLongestKey) throw Refusal("invalid", "the Idempotency-Key is too long");
  const std::string request = call.request.path + "\n" + call.request.body;
  const TimePoint now = services.Now();
  catalogue::Transaction transaction(*services.catalogue);
  std::vector<int64_t> ids;
  const auto known = key.empty() ? std::nullopt : services.accounts.FindRequest(user, key, request);
  if (known) {
    ids = *known;
  } else {
    for (const int year : order.years) {
      ids.push_back(services.catalogue->EnqueueJob({.kind = order.kind,
                                                    .reason = JobReason::kManual,
                                                    .company = company.id,
                                                    .fiscal_year = year,
                                                    .priority = static_cast<int>(JobPriority::kManual),
                                                    .queued = now,
                                                    .not_before = now,
                                                    .pinned_until = order.pinned_until,
                                                    .snapshot_id = order.snapshot_id}));
    }
    services.Audit(call, "job.start", company.id, nullptr,
                   {{"tipo", JobKindName(order.kind)}, {"anios_fiscales", order.years}, {"tareas", ids}});
    services.accounts.RemoveOldRequests(now - kKeysKept);
    if (!key.empty()) services.accounts.AddRequest(user, key, request, ids, now);
  }
  std::vector<Job> jobs;
  jobs.reserve(ids.size());
  for (const int64_t id : ids) jobs.push_back(services.catalogue->GetJob(id));
  transaction.Commit();
  services.Started();
  return jobs;
}

Response Accepted(Services& services, const std::vector<Job>& jobs, const Identity& identity) {
  return JsonResponse({{"tareas", services.jobs.ToJson(jobs, identity)}}, 202);
}

Response BackUp(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  Body body(call.request);
  Order order{.kind = JobKind::kBackup};
  const auto year = TakeYear(body);
  order.pinned_until = TakeTime(body, "fijado_hasta", services.Now());
  body.Finish();
  order.years = YearsOf(services, company, year);
  return Accepted(services, Enqueue(services, call, company, order), *call.identity);
}

Response Verify(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  Body(call.request).Finish();
  return Accepted(services, Enqueue(services, call, company, {.kind = JobKind::kVerify, .years = {0}}), *call.identity);
}

Response Drill(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  Body body(call.request);
  const auto year = TakeYear(body);
  body.Finish();
  return Accepted(
      services, Enqueue(services, call, company, {.kind = JobKind::kDrill, .years = YearsOf(services, company, year)}),
      *call.identity);
}

// One that is there, or on its way, is enough.
Response PrepareDatabase(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  Body(call.request).Finish();
  if (const auto ready = FindReady(services, backup)) return Accepted(services, {ready->job}, *call.identity);
  if (const auto coming = FindExport(services, backup)) return Accepted(services, {*coming}, *call.identity);
  RequireMayExport(services, backup);
  Order order{.kind = JobKind::kExport, .years = {backup.fiscal_year}};
  order.snapshot_id = backup.snapshot_id;
  return Accepted(services, Enqueue(services, call, services.catalogue->GetCompany(backup.company), order),
                  *call.identity);
}

Response CancelJob(Services& services, const Call& call) {
  catalogue::Transaction transaction(*services.catalogue);
  const Job job = services.RequireJob(call);
  const std::string who = "cancelled by " + call.identity->user.name;
  if (!services.catalogue->CancelQueuedJob(job.id, services.Now(), who)) {
    throw Refusal("conflict", "the job " + std::to_string(job.id) + " does not wait (any more)",
                  "what runs goes to its end");
  }
  services.Audit(call, "job.cancel", std::to_string(job.id), service::ToJson(job), nullptr);
  transaction.Commit();
  services.Changed();
  return {.status = 204};
}

Response Pin(Services& services, const Call& call) {
  Body body(call.request);
  const bool is_null = body.Has("hasta") && !body.HasValue("hasta");
  const auto until = TakeTime(body, "hasta", services.Now());
  body.Finish();
  if (!until && !is_null) throw Refusal("invalid", "the body has no hasta", "a time, or null to let it go");
  catalogue::Transaction transaction(*services.catalogue);
  const Backup before = services.RequireBackup(call);
  services.catalogue->PinBackup(before.snapshot_id, until);
  const Backup after = services.RequireBackup(call);
  services.Audit(call, "backup.pin", before.snapshot_id, service::ToJson(before), service::ToJson(after));
  transaction.Commit();
  return JsonResponse(service::ToJson(after));
}

// Removed in the bucket first, so the log is written afterwards: a crash between the two leaves a line less.
Response RemoveBackup(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  const auto of_database =
      services.catalogue->ListBackups({.company = backup.company, .fiscal_year = backup.fiscal_year});
  if (of_database.size() < 2) {
    throw Refusal("conflict", "it is the last backup of its database, and that is never removed",
                  "make another one first");
  }
  if (backup.pinned_until && *backup.pinned_until > services.Now()) {
    throw Refusal("conflict", "the backup is pinned until " + FormatTime(*backup.pinned_until), "let it go first");
  }
  const auto wiring = services.wiring();
  try {
    engine::RunRemove(wiring->engine(), {backup}, {});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw Refusal("conflict", error.what(), error.hint());
    throw;
  }
  services.Audit(call, "backup.remove", backup.snapshot_id, service::ToJson(backup), nullptr);
  services.Changed();
  return {.status = 204};
}

// `server` empty: everything.
Response SetPause(Services& services, const Call& call, const std::string& server, bool paused) {
  catalogue::Transaction transaction(*services.catalogue);
  const bool changed =
      paused ? services.catalogue->AddPause(server, services.Now()) : services.catalogue->RemovePause(server);
  if (changed) services.Audit(call, paused ? "pause" : "resume", server, nullptr, nullptr);
  transaction.Commit();
  services.Changed();
  return {.status = 204};
}

}  // namespace

void AddActionRoutes(std::vector<Route>& routes, Services& services) {
  const std::string company = "/api/v1/companies/{company}";
  const std::string backup = "/api/v1/backups/{backup}";
  const RouteAdder add(routes, services, Access::kOperate);
  add(Method::kPost, company + "/backups", BackUp);
  add(Method::kPost, company + "/verify", Verify);
  add(Method::kPost, company + "/drill", Drill);
  add(Method::kDelete, "/api/v1/jobs/{job}", CancelJob);
  RouteAdder(routes, services, Access::kFetch)(Method::kPost, backup + "/database", PrepareDatabase);
  add(Method::kPut, backup + "/pin", Pin);
  add(Method::kDelete, backup, RemoveBackup);
  for (const bool paused : {true, false}) {
    const Method method = paused ? Method::kPut : Method::kDelete;
    routes.push_back({method, "/api/v1/pause", Access::kOperate,
                      [&services, paused](const Call& call) { return SetPause(services, call, "", paused); }});
    routes.push_back(
        {method, "/api/v1/servers/{server}/pause", Access::kOperate, [&services, paused](const Call& call) {
           const std::string name = ParseServerName(call.Parameter("server"));
           return SetPause(services, call, services.catalogue->GetServer(name).name, paused);
         }});
  }
}

}  // namespace cofre::api
