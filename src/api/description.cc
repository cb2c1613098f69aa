// The API's own description.

#include "api/openapi.h"
#include "api/services.h"

namespace cofre::api {

void AddDescriptionRoutes(std::vector<Route>& routes) {
  routes.push_back({Method::kGet, "/api/v1/openapi.json", Access::kAnyone, [](const Call&) {
                      return Response{.type = "application/json", .body = std::string(OpenApiText())};
                    }});
}

}  // namespace cofre::api
