#include "api/services.h"

#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "base/digest.h"
#include "base/text.h"
#include "service/wake.h"

namespace cofre::api {
namespace {

constexpr int64_t kLargestPage = 500;
constexpr int64_t kMostPages = 1'000'000;
constexpr size_t kEtagDigits = 32;

}  // namespace

AuditEntry Services::EntryOf(const Call& call, const std::string& subject) const {
  AuditEntry entry{.time = clock.Now(), .subject = subject};
  if (call.identity != nullptr) {
    entry.user = call.identity->user.name;
    entry.way = call.identity->Way();
  }
  entry.address = call.request.address;
  return entry;
}

void Services::Audit(const Call& call, const std::string& action, const std::string& subject, const Json& before,
                     const Json& after) {
  AuditEntry entry = EntryOf(call, subject);
  entry.action = action;
  if (!before.is_null()) entry.before = Compact(before);
  if (!after.is_null()) entry.after = Compact(after);
  accounts.AddAudit(entry);
}

void Services::Changed() {
  fleet.Changed();
  Started();
}

void Services::Started() { service::Wake(wiring()->config().state_directory); }

Company Services::RequireCompany(const Call& call, const std::string& parameter) {
  const std::string& text = call.Parameter(parameter);
  const Error missing(ErrorKind::kNotFound, "there is no company " + Quoted(text));
  std::string id;
  try {
    id = ParseCompanyId(text);
  } catch (const Error&) {
    throw missing;
  }
  if (call.identity == nullptr || !call.identity->Sees(id)) throw missing;
  auto company = catalogue->FindCompany(id);
  if (!company) throw missing;
  return *std::move(company);
}

std::string MakeEtag(std::string_view body) { return '"' + Sha256(AsBytes(body)).Hex().substr(0, kEtagDigits) + '"'; }

void RouteAdder::operator()(Method method, const std::string& path, Response (*answer)(Services&, const Call&)) const {
  routes_.push_back(
      {method, path, access_, [&services = services_, answer](const Call& call) { return answer(services, call); }});
}

void RequireMatch(const Request& request, const std::string& etag) {
  std::string_view rest = request.Header("if-match");
  if (rest.empty()) {
    throw Refusal("needs_if_match", "the request has no If-Match",
                  "read the thing first and send its ETag, so that nobody's change is lost");
  }
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view one = Trimmed(rest.substr(0, comma));
    if (one == "*" || one == etag) return;
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  throw Refusal("changed_meanwhile", "it is no longer as the request expects", "read it again");
}

Page PageOf(const Request& request) {
  return {.number = static_cast<size_t>(NumberParameter(request, "pagina", 1, kMostPages, 1)),
          .size = static_cast<size_t>(NumberParameter(request, "por_pagina", 1, kLargestPage, 50))};
}

}  // namespace cofre::api
