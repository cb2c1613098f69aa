#pragma once

// The table of routes: who may do what, and who answers.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/identity.h"
#include "api/message.h"

namespace cofre::api {

// What it takes to use a route.
enum class Access : uint8_t {
  kAnyone,      // nobody needs to have signed in
  kSignedIn,    // anybody who has, by cookie; tokens are no persons
  kOwn,         // read: everybody, a company user what concerns his companies (the route sees to that)
  kRead,        // read: viewers and above
  kFetch,       // what is in backups: operators and above; a company user of his companies (the route sees to that)
  kOperate,     // operators and above
  kAdminister,  // administrators
};
std::string_view AccessName(Access access);

// One request on its way to its answer.
struct Call {
  const Request& request;
  std::map<std::string, std::string> parameters = {};  // of the path, by name
  const Identity* identity = nullptr;                  // set unless the route is for anyone

  const std::string& Parameter(const std::string& name) const { return parameters.at(name); }
};

struct Route {
  Method method = Method::kGet;
  std::string pattern;  // "/api/v1/companies/{company}"
  Access access = Access::kAdminister;
  std::function<Response(const Call&)> answer;  // or throws Error
};

// Thread-safe once it is made.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  const std::vector<Route>& routes() const { return routes_; }

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;
  };
  // Throws Refusal no_route, or wrong_method naming those that the path has.
  Match Find(Method method, const std::string& path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace cofre::api
