#include "api/api.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "api/problem.h"
#include "base/log.h"

namespace cofre::api {
namespace {

std::vector<Route> AllRoutes(Services& services) {
  std::vector<Route> routes;
  AddDescriptionRoutes(routes);
  AddSessionRoutes(routes, services);
  AddUserRoutes(routes, services);
  AddTokenRoutes(routes, services);
  AddAuditRoutes(routes, services);
  AddCompanyRoutes(routes, services);
  AddJobRoutes(routes, services);
  AddFleetRoutes(routes, services);
  AddSimulationRoutes(routes, services);
  AddEventRoutes(routes, services);
  AddSettingsRoutes(routes, services);
  AddActionRoutes(routes, services);
  AddDownloadRoutes(routes, services);
  AddLinkRoutes(routes, services);
  AddNodeRoutes(routes, services);
  AddServerRoutes(routes, services);
  AddCompanyAdminRoutes(routes, services);
  return routes;
}

bool MayUse(const Identity& identity, Access access) {
  switch (access) {
    case Access::kAnyone:
    case Access::kOwn:
      return true;
    case Access::kSignedIn:
      return !identity.token;
    case Access::kRead:
      return !identity.IsCompanyUser();
    case Access::kFetch:
      return identity.MayFetch();
    case Access::kOperate:
      return identity.MayOperate();
    case Access::kAdminister:
      return identity.MayAdminister();
  }
  return false;
}

void RequireMayUse(const Identity& identity, const Route& route) {
  if (MayUse(identity, route.access)) return;
  if (route.access == Access::kSignedIn) {
    throw Refusal("forbidden", "a token may not do that", "sign in with a password");
  }
  throw Refusal("forbidden", "the user " + identity.user.name + " may not do that",
                identity.token ? "the token's scope or its user's role is too small" : "an administrator gives roles");
}

// A cookie is sent by the browser whoever asks it to; the header only by pages that could read the session.
void RequireNoForgery(const Identity& identity, const Request& request) {
  if (identity.token || request.method == Method::kGet) return;
  if (SameSecret(request.Header("x-csrf-token"), identity.csrf)) return;
  throw Refusal("csrf", "the request does not show that it comes from a page of ours",
                "send the session's csrf in X-CSRF-Token: GET /api/v1/session");
}

bool Has(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const auto& header) { return header.first == name; });
}

// What is the same as before needs not be sent again.
void AddEtag(const Request& request, Response& response) {
  if (request.method != Method::kGet || response.status != 200) return;
  if (response.stream != nullptr || response.file != nullptr || response.length) return;
  if (!Has(response, "ETag")) response.headers.emplace_back("ETag", MakeEtag(response.body));
  const auto etag = std::ranges::find(response.headers, "ETag", &std::pair<std::string, std::string>::first);
  if (request.Header("if-none-match").find(etag->second) == std::string::npos) return;
  response.status = 304;
  response.body.clear();
  response.type.clear();
}

// Of a link's address its secret stays out of the log.
std::string LoggedPath(const Request& request) {
  constexpr std::string_view kLinks = "/descarga/";
  return request.path.starts_with(kLinks) ? std::string(kLinks) + "..." : request.path;
}

constexpr const char* kGetPage = "the package has it; where Cofre was built by hand: ninja -C build/app cofre_page";

void AddSecurityHeaders(const Request& request, Response& response) {
  const auto add = [&](const char* name, const char* value) {
    if (!Has(response, name)) response.headers.emplace_back(name, value);
  };
  add("Cache-Control", "private, no-cache");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  add("Referrer-Policy", "no-referrer");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  if (request.secure) add("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace

Api::Api(Services& services, const StaticFiles* page)
    : services_(services), page_(page), router_(AllRoutes(services)) {}

Response Api::Route(const Request& request) const {
  if (page_ != nullptr) {
    if (auto file = page_->Answer(request)) return *std::move(file);
    if (!page_->has_page() && request.path == "/") throw Refusal("no_route", "the page is not installed", kGetPage);
  }
  const Router::Match match = router_.Find(request.method, request.path);
  Call call{.request = request, .parameters = match.parameters};
  if (match.route->access == Access::kAnyone) return match.route->answer(call);
  const std::optional<Identity> identity = services_.sign_in.WhoAsks(request);
  if (!identity) throw Refusal("not_signed_in", "nobody has signed in", "POST /api/v1/session");
  call.identity = &*identity;
  RequireNoForgery(*identity, request);
  RequireMayUse(*identity, *match.route);
  return match.route->answer(call);
}

Response Api::Answer(const Request& request) const {
  Response response;
  try {
    response = Route(request);
    AddEtag(request, response);
  } catch (const Error& error) {
    response = ProblemOf(error);
    if (response.status == 500) {
      Log(LogLevel::kError, "api_request_failed",
          {{"method", std::string(MethodName(request.method))},
           {"path", LoggedPath(request)},
           {"error", error.what()}});
    }
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "api_request_failed",
        {{"method", std::string(MethodName(request.method))}, {"path", LoggedPath(request)}, {"error", error.what()}});
    response = ProblemOf(Error(ErrorKind::kPermanent, "something failed here", "the service's log says what"));
  }
  AddSecurityHeaders(request, response);
  return response;
}

namespace {

// Progress is told of about once a second, with what the looks themselves take.
constexpr auto kLookEvery = std::chrono::milliseconds(800);

bool IsLoopback(const std::string& listen) {
  const std::string host = ParseListenAddress(listen).host;
  return host.starts_with("127.") || host == "::1";
}

// What lives as long as the API listens in one place.
struct Running {
  Running(const service::ApiConfig& config, CurrentWiring current, Clock& clock, Random& random)
      : services(current, clock, random),
        page(PageFolder(), random),
        api(services, &page),
        server({.listen = config.listen,
                .certificate = config.certificate,
                .private_key = config.private_key,
                .proxies = config.proxies},
               [this](const Request& request) { return api.Answer(request); }) {}

  void LookAround(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      try {
        for (const auto& work : services.background) work();
      } catch (const Error& error) {
        Log(LogLevel::kWarning, "api_fleet_not_read", {{"error", error.what()}});
      }
      services.clock.SleepFor(kLookEvery, stop);
    }
  }

  Services services;
  StaticFiles page;
  Api api;
  HttpServer server;
  std::jthread looking{[this](const std::stop_token& stop) { LookAround(stop); }};
};

}  // namespace

struct ApiService::State {
  State(CurrentWiring given, Clock& given_clock, Random& given_random)
      : current(std::move(given)), clock(given_clock), random(given_random) {}

  void Replace(std::unique_ptr<Running> with);

  CurrentWiring current;
  Clock& clock;
  Random& random;
  service::ApiConfig config;
  std::mutex mutex;  // of the next
  std::unique_ptr<Running> running;
};

ApiService::ApiService(CurrentWiring current, Clock& clock, Random& random)
    : state_(std::make_unique<State>(std::move(current), clock, random)) {
  Reconfigure();
}

ApiService::~ApiService() = default;

void ApiService::JobEnded(const Job& job) {
  const std::lock_guard lock(state_->mutex);
  if (state_->running != nullptr) state_->running->services.events.Publish(job);
}

void ApiService::State::Replace(std::unique_ptr<Running> with) {
  {
    const std::lock_guard lock(mutex);
    std::swap(running, with);
  }
  // The old one ends here, outside of the lock.
}

void ApiService::Reconfigure() {
  const service::ApiConfig config = state_->current()->config().api;
  // Certificates are renewed under their old name, so a server with one always begins anew.
  if (state_->running != nullptr && config == state_->config && config.certificate.empty()) return;
  state_->Replace(nullptr);
  state_->config = config;
  if (config.listen.empty()) return;
  state_->Replace(std::make_unique<Running>(config, state_->current, state_->clock, state_->random));
  if (config.certificate.empty() && !IsLoopback(config.listen)) {
    Log(LogLevel::kWarning, "api_without_tls",
        {{"address", config.listen},
         {"hint", "passwords pass in the clear: [api] certificado and clave_privada, or a proxy"}});
  }
  if (!state_->running->page.has_page()) {
    Log(LogLevel::kWarning, "page_not_installed", {{"folder", PageFolder()}, {"hint", kGetPage}});
  }
  Log(LogLevel::kInfo, "api_listens", {{"address", config.listen}, {"port", std::to_string(port())}});
}

uint16_t ApiService::port() const { return state_->running == nullptr ? 0 : state_->running->server.port(); }

}  // namespace cofre::api
