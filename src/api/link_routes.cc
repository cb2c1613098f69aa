// Links by which a backup is downloaded without signing in: made, listed and withdrawn by those who may download it
// themselves, used by whoever has one.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/download_files.h"
#include "api/link_page.h"
#include "api/problem.h"
#include "api/services.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "io/smtp.h"
#include "planner/local_time.h"

namespace cofre::api {
namespace {

constexpr double kLongestDays = 30;
constexpr double kMostUses = 100;
constexpr int kUsualDays = 7;
constexpr int kUsualUses = 3;
constexpr int64_t kMostOfCompany = 100;  // that are of use
constexpr size_t kMostMailsADay = 50;    // of one user
constexpr auto kForgottenAfter = std::chrono::hours(24 * 90);
constexpr auto kFailureStands = std::chrono::minutes(10);  // of making a database: then it may be tried again

Json ToJson(const DownloadLink& link, TimePoint now) {
  return {{"enlace", link.id},
          {"empresa", link.company},
          {"anio_fiscal", link.fiscal_year},
          {"respaldo", link.snapshot_id},
          {"fecha_respaldo", FormatTime(link.backup_time)},
          {"forma", DownloadFormName(link.form)},
          {"estado", LinkState(link, now)},
          {"usuario", link.user},
          {"creado", FormatTime(link.created)},
          {"vence", FormatTime(link.expires)},
          {"usos", link.uses},
          {"usos_maximos", link.most_uses},
          {"usado", TimeOrNull(link.used)},
          {"revocado", TimeOrNull(link.revoked)},
          {"correo", TextOrNull(link.mail)},
          {"correo_estado", TextOrNull(link.mail_state)},
          {"correo_mensaje", TextOrNull(link.mail_problem)}};
}

double TakeWithin(Body& body, const std::string& key, double most, double usual) {
  const double number = body.TakeNumber(key).value_or(usual);
  if (number >= 1 && number <= most) return number;
  throw Refusal("invalid", fmt::format("{} is not a number from 1 to {}", key, most));
}

// What a link is shown as.
LinkOffer OfferOf(Services& services, const DownloadLink& link, const Company& company) {
  const std::string& own = company.time_zone;
  const auto zone = planner::TimeZone::Find(own.empty() ? services.wiring()->config().time_zone : own);
  return {.company = company.name.empty() ? company.id : company.name,
          .fiscal_year = link.fiscal_year,
          .day = planner::FormatDay(zone.DayOf(link.backup_time)),
          .expires = zone.Format(link.expires),
          .is_database = link.form == DownloadForm::kDatabase,
          .uses_left = link.most_uses - link.uses};
}

void RequireMayMail(Services& services, const Call& call, const std::string& address) {
  const auto wiring = services.wiring();
  if (!io::IsMailAddress(address)) throw Refusal("invalid", "correo " + Quoted(address) + " is no e-mail address");
  if (!wiring->config().notify.mail) {
    throw Refusal("conflict", "there is no mail server", "[correo] in the configuration names one");
  }
  if (wiring->config().api.public_url.empty()) {
    throw Refusal("conflict", "it is not known at which address others reach this service",
                  "[api] url in the configuration says so");
  }
  const TimePoint since = services.Now() - std::chrono::hours(24);
  if (services.accounts.CountMailedLinks(call.identity->user.name, since) >= kMostMailsADay) {
    throw Refusal("conflict", "the user has sent too many links by e-mail today",
                  "show a link, or wait until tomorrow");
  }
  services.link_mailer.RequireRoom();
}

// A backup that a link is for stays as long as the link: retention would take it after some days.
void KeepUntil(Services& services, const Call& call, const Backup& backup, TimePoint until) {
  if (backup.pinned_until && *backup.pinned_until >= until) return;
  services.catalogue->PinBackup(backup.snapshot_id, until);
  services.Audit(call, "backup.pin", backup.snapshot_id, service::ToJson(backup),
                 service::ToJson(services.catalogue->FindBackup(backup.snapshot_id)));
}

void RequireRoomForLink(Services& services, const std::string& company, TimePoint now) {
  const auto links = services.accounts.ListLinks(company);
  const auto useful = std::ranges::count_if(links, [&](const auto& link) { return LinkState(link, now) == "active"; });
  if (useful < kMostOfCompany) return;
  throw Refusal("conflict", "the company has too many links", "withdraw those of no use");
}

// The secret is in this answer, or in the e-mail, and never again.
Response AddLink(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  const Company company = services.catalogue->GetCompany(backup.company);
  const TimePoint now = services.Now();
  Body body(call.request);
  DownloadLink link{.company = company.id,
                    .fiscal_year = backup.fiscal_year,
                    .snapshot_id = backup.snapshot_id,
                    .backup_time = backup.time,
                    .form = ParseDownloadForm(body.RequireText("forma")),
                    .user = call.identity->user.name,
                    .created = now};
  const double days = TakeWithin(body, "dias", kLongestDays, kUsualDays);
  link.expires = now + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(days * 86400));
  link.most_uses = static_cast<int>(TakeWithin(body, "usos", kMostUses, kUsualUses));
  link.mail = std::string(Trimmed(body.TakeText("correo").value_or("")));
  const Language language = ParseLanguage(body.TakeText("idioma").value_or("es"));
  body.Finish();
  if (link.form == DownloadForm::kDatabase) RequireMayExport(services, backup);
  if (!link.mail.empty()) {
    RequireMayMail(services, call, link.mail);
    link.mail_state = "pending";
  }
  const std::string secret = MakeSecret(services.random);
  link.hash = HashOfSecret(secret);
  catalogue::Transaction transaction(*services.catalogue);
  RequireRoomForLink(services, company.id, now);
  services.accounts.RemoveLinksExpiredBefore(now - kForgottenAfter);
  link.id = services.accounts.AddLink(link);
  KeepUntil(services, call, backup, link.expires);
  services.Audit(call, "link.add", backup.snapshot_id, nullptr, ToJson(link, now));
  transaction.Commit();

  const std::string path = "/descarga/" + secret;
  const std::string& origin = services.wiring()->config().api.public_url;
  if (!link.mail.empty()) {
    const LinkOffer offer = OfferOf(services, link, company);
    services.link_mailer.Send({.link = link.id,
                               .to = link.mail,
                               .subject = LinkMailSubject(offer, language),
                               .text = LinkMailText(offer, origin + path, language)});
  }
  const bool is_shown = link.mail.empty();
  Json json = ToJson(link, now);
  json["ruta"] = is_shown ? Json(path) : Json(nullptr);
  json["url"] = is_shown && !origin.empty() ? Json(origin + path) : Json(nullptr);
  Response response = JsonResponse(json, 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response ListLinks(Services& services, const Call& call) {
  const Company company = services.RequireCompany(call);
  const TimePoint now = services.Now();
  Json links = Json::array();
  for (const DownloadLink& link : services.accounts.ListLinks(company.id)) links.push_back(ToJson(link, now));
  return JsonResponse({{"enlaces", std::move(links)}});
}

Response RevokeLink(Services& services, const Call& call) {
  const std::string& text = call.Parameter("link");
  const Error missing(ErrorKind::kNotFound, "there is no link " + Quoted(text));
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) throw missing;
  catalogue::Transaction transaction(*services.catalogue);
  std::optional<DownloadLink> link;
  try {
    link = services.accounts.GetLink(id);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kNotFound) throw;
  }
  if (!link || !call.identity->Sees(link->company)) throw missing;
  if (!link->revoked) {
    const TimePoint now = services.Now();
    services.accounts.RevokeLink(id, now);
    services.Audit(call, "link.revoke", link->snapshot_id, ToJson(*link, now),
                   ToJson(services.accounts.GetLink(id), now));
  }
  transaction.Commit();
  return {.status = 204};
}

// What whoever has a link is answered with.
class LinkDoor {
 public:
  explicit LinkDoor(Services& services) : services_(services) {}

  Response Show(const Call& call) {
    return Answered(call, [&](const Opened& opened) {
      if (opened.link.form == DownloadForm::kDump)
        return Page(call, opened, LinkScene::kDownload, opened.backup.dump_bytes);
      if (const auto ready = FindReady(services_, opened.backup)) {
        return Page(call, opened, LinkScene::kDownload, ready->bytes);
      }
      const bool is_coming = FindExport(services_, opened.backup).has_value();
      return Page(call, opened, is_coming ? LinkScene::kPreparing : LinkScene::kPrepare, 0);
    });
  }

  Response Use(const Call& call) {
    return Answered(call, [&](const Opened& opened) {
      if (opened.link.form == DownloadForm::kDump) return Send(call, opened, DumpOf(services_, opened.backup));
      if (const auto ready = FindReady(services_, opened.backup)) {
        return Send(call, opened, DatabaseOf(services_, opened.backup, *ready));
      }
      return Page(call, opened, Prepare(call, opened), 0);
    });
  }

 private:
  struct Opened {
    DownloadLink link;
    Backup backup;
    Company company;
  };

  template <typename Answer>
  Response Answered(const Call& call, const Answer& answer) {
    const Language language = LanguageOf(call.request);
    try {
      const auto opened = Open(call);
      if (!opened) return LinkGonePage(language, services_.random);
      return answer(*opened);
    } catch (const Error& error) {
      const Response problem = ProblemOf(error);
      if (problem.status == 404) return LinkGonePage(language, services_.random);
      if (problem.status == 500) Log(LogLevel::kError, "link_failed", {{"error", error.what()}});
      Response page = LinkErrorPage(problem.status, language, services_.random);
      for (const auto& [name, value] : problem.headers) {
        if (name == "Retry-After") page.headers.emplace_back(name, value);
      }
      return page;
    }
  }

  // nullopt, and a failure of that address, for all that is of no use. Those who bear a good one are not held up by
  // others of their address. Throws Refusal too_many_attempts.
  std::optional<Opened> Open(const Call& call) {
    auto opened = Find(call.Parameter("token"));
    if (opened) return opened;
    const std::string& address = call.request.address;
    const Duration now = services_.clock.Monotonic();
    if (const Duration wait = attempts_.Wait(address, now); wait > Duration(0)) {
      Refusal refusal("too_many_attempts", "too many attempts have failed", "wait, then try again");
      refusal.WithRetryAfter(std::chrono::ceil<std::chrono::milliseconds>(wait));
      throw refusal;
    }
    attempts_.Failed(address, now);
    return std::nullopt;
  }

  std::optional<Opened> Find(const std::string& token) {
    const auto link = services_.accounts.FindLink(HashOfSecret(token));
    if (!link || LinkState(*link, services_.Now()) != "active") return std::nullopt;
    // As long as whoever made it may do so still.
    const auto user = services_.accounts.FindUser(link->user);
    if (!user || !user->enabled) return std::nullopt;
    const Identity maker{.user = *user};
    if (!maker.MayFetch() || !maker.Sees(link->company)) return std::nullopt;
    const auto company = services_.catalogue->FindCompany(link->company);
    if (!company) return std::nullopt;
    try {
      return Opened{.link = *link, .backup = services_.catalogue->FindBackup(link->snapshot_id), .company = *company};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      return std::nullopt;
    }
  }

  Response Page(const Call& call, const Opened& opened, LinkScene scene, uint64_t bytes) {
    LinkOffer offer = OfferOf(services_, opened.link, opened.company);
    if (bytes > 0) offer.size = HumanBytes(bytes);
    return LinkPage(scene, offer, LanguageOf(call.request), services_.random);
  }

  AuditEntry EntryOf(const Call& call, const Opened& opened) const {
    AuditEntry entry = services_.EntryOf(call, opened.backup.snapshot_id);
    entry.way = "link " + std::to_string(opened.link.id);
    return entry;
  }

  // A use is counted before anything is sent, and given back where nothing was.
  Response Send(const Call& call, const Opened& opened, DownloadFile file) {
    const int64_t id = opened.link.id;
    const Language language = LanguageOf(call.request);
    if (!services_.accounts.UseLink(id, services_.Now())) return LinkGonePage(language, services_.random);
    file.problem = [language, &random = services_.random](const Error& error) {
      return LinkErrorPage(ProblemOf(error).status, language, random);
    };
    try {
      return SendFile(services_, call.request, EntryOf(call, opened), file,
                      [&accounts = services_.accounts, id](const DownloadEnd& end) {
                        if (!end.begun) accounts.GiveBackLinkUse(id);
                      });
    } catch (const Error&) {
      services_.accounts.GiveBackLinkUse(id);
      throw;
    }
  }

  LinkScene Prepare(const Call& call, const Opened& opened) {
    if (FindExport(services_, opened.backup)) return LinkScene::kPreparing;
    const TimePoint now = services_.Now();
    for (const Job& job : services_.catalogue->ListJobs({.company = opened.company.id,
                          .fiscal_year = opened.backup.fiscal_year,
                          .kind = JobKind::kExport,
                          .state = JobState::kFailed,
                          .ended_since = now - kFailureStands},
                                                        10)) {
      if (job.snapshot_id == opened.backup.snapshot_id) return LinkScene::kFailed;
    }
    RequireMayExport(services_, opened.backup);
    catalogue::Transaction transaction(*services_.catalogue);
    const int64_t job = services_.catalogue->EnqueueJob(ExportOrder(opened.backup, now));
    AuditEntry entry = EntryOf(call, opened);
    entry.action = "job.start";
    entry.after = Compact({{"tipo", JobKindName(JobKind::kExport)}, {"tareas", {job}}});
    services_.accounts.AddAudit(entry);
    transaction.Commit();
    services_.Changed();
    return LinkScene::kPreparing;
  }

  Services& services_;
  Attempts attempts_{{.free = 30}};
};

}  // namespace

void AddLinkRoutes(std::vector<Route>& routes, Services& services) {
  const RouteAdder add(routes, services, Access::kFetch);
  add(Method::kGet, "/api/v1/companies/{company}/links", ListLinks);
  add(Method::kPost, "/api/v1/backups/{backup}/links", AddLink);
  add(Method::kDelete, "/api/v1/links/{link}", RevokeLink);
  const auto door = std::make_shared<LinkDoor>(services);
  routes.push_back(
      {Method::kGet, "/descarga/{token}", Access::kAnyone, [door](const Call& call) { return door->Show(call); }});
  routes.push_back(
      {Method::kPost, "/descarga/{token}", Access::kAnyone, [door](const Call& call) { return door->Use(call); }});
}

}  // namespace cofre::api
