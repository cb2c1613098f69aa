#pragma once

// What all routes work with.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/downloads.h"
#include "api/events.h"
#include "api/fleet_view.h"
#include "api/job_view.h"
#include "api/json.h"
#include "api/link_mail.h"
#include "api/router.h"
#include "api/sign_in.h"
#include "base/clock.h"
#include "base/random.h"
#include "catalogue/accounts.h"
#include "catalogue/catalogue.h"
#include "service/wiring.h"

namespace cofre::api {

// Gives what the configuration stands for now. Called from any thread.
using CurrentWiring = std::function<std::shared_ptr<service::Wiring>()>;

struct Services {
  // Opens the catalogue twice, apart from the service: what the API reads holds up no job, and long reading no short
  // request. Throws what Catalogue::Open throws.
  Services(CurrentWiring current, Clock& given_clock, Random& given_random)
      : wiring(std::move(current)), clock(given_clock), random(given_random) {}

  TimePoint Now() const { return clock.Now(); }
  // A line of the audit log that says who asks, from where; without action and content.
  AuditEntry EntryOf(const Call& call, const std::string& subject) const;
  // Adds to the audit log; within the transaction of the change that it tells of.
  void Audit(const Call& call, const std::string& action, const std::string& subject, const Json& before,
             const Json& after);
  // Something was changed: the next look at the fleet is a new one, and the scheduler looks too.
  void Changed();
  // Of jobs, which the events tell of: the scheduler is woken, but nobody waits for a new look at the fleet.
  void Started();
  // Throws not_found as if there were none where the caller may not see it. Reads "900.869.750-0" too.
  Company RequireCompany(const Call& call, const std::string& parameter = "company");
  // The same for a job and a backup of such a company, by the whole id.
  Job RequireJob(const Call& call);
  Backup RequireBackup(const Call& call);

  CurrentWiring wiring;
  Clock& clock;
  Random& random;
  const std::unique_ptr<catalogue::Catalogue> catalogue = catalogue::Catalogue::Open(wiring()->config().catalogue);
  const std::unique_ptr<catalogue::Catalogue> reading = catalogue::Catalogue::Open(wiring()->config().catalogue);
  catalogue::Accounts accounts{*catalogue};
  SecondFactors second_factors{accounts, wiring, clock, random};
  SignIn sign_in{accounts, second_factors, clock, random};
  FleetView fleet{*reading, wiring, clock};
  const JobView jobs{*catalogue, wiring};
  EventHub events{*catalogue, jobs, clock};
  LinkMailer link_mailer{accounts, wiring, clock};
  Downloads downloads{clock, wiring()->config().api.downloads};
  // Called every second or so, from one thread, once the routes are made.
  std::vector<std::function<void()>> background{[this] { events.Look(); }, [this] { fleet.Refresh(); }};
};

// Adds routes that need the services, all with the same access. The references outlive the table.
class RouteAdder {
 public:
  RouteAdder(std::vector<Route>& routes, Services& services, Access access)
      : routes_(routes), services_(services), access_(access) {}

  void operator()(Method method, const std::string& path, Response (*answer)(Services&, const Call&)) const;

 private:
  std::vector<Route>& routes_;
  Services& services_;
  const Access access_;
};

// Each adds its part of the table; `services` outlives it.
void AddDescriptionRoutes(std::vector<Route>& routes);
void AddSessionRoutes(std::vector<Route>& routes, Services& services);
void AddUserRoutes(std::vector<Route>& routes, Services& services);
void AddTokenRoutes(std::vector<Route>& routes, Services& services);
void AddAuditRoutes(std::vector<Route>& routes, Services& services);
void AddCompanyRoutes(std::vector<Route>& routes, Services& services);
void AddJobRoutes(std::vector<Route>& routes, Services& services);
void AddFleetRoutes(std::vector<Route>& routes, Services& services);
void AddSimulationRoutes(std::vector<Route>& routes, Services& services);
void AddEventRoutes(std::vector<Route>& routes, Services& services);
void AddSettingsRoutes(std::vector<Route>& routes, Services& services);
void AddNodeRoutes(std::vector<Route>& routes, Services& services);
void AddServerRoutes(std::vector<Route>& routes, Services& services);
void AddCompanyAdminRoutes(std::vector<Route>& routes, Services& services);
void AddActionRoutes(std::vector<Route>& routes, Services& services);
void AddDownloadRoutes(std::vector<Route>& routes, Services& services);
void AddLinkRoutes(std::vector<Route>& routes, Services& services);

// For changes that say what they change: throws Refusal needs_if_match, and changed_meanwhile where none of those
// If-Match names is `etag`.
void RequireMatch(const Request& request, const std::string& etag);
// Of a body, with its quotes.
std::string MakeEtag(std::string_view body);

// A page of a list: {"total", "pagina", "por_pagina", KEY: [...]}.
struct Page {
  size_t number = 1;
  size_t size = 50;

  size_t First() const { return (number - 1) * size; }
};
Page PageOf(const Request& request);

}  // namespace cofre::api
