// Live events.

#include "api/services.h"

namespace cofre::api {

void AddEventRoutes(std::vector<Route>& routes, Services& services) {
  routes.push_back({Method::kGet, "/api/v1/events", Access::kOwn, [&](const Call& call) {
                      Response response{.type = "text/event-stream"};
                      response.stream = services.events.Open(*call.identity, call.request.Header("last-event-id"));
                      // For nginx: what comes is passed on at once.
                      response.headers.emplace_back("X-Accel-Buffering", "no");
                      response.headers.emplace_back("Cache-Control", "no-store");
                      return response;
                    }});
}

}  // namespace cofre::api
