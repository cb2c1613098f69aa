#include "api/router.h"

#include <optional>

#include "api/problem.h"
#include "base/text.h"

namespace cofre::api {
namespace {

// The next part of a path, up to a '/', which goes too.
std::string_view TakePart(std::string_view& path) {
  const size_t slash = path.find('/');
  const std::string_view part = path.substr(0, slash);
  path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  return part;
}

std::optional<std::map<std::string, std::string>> Fit(std::string_view pattern, std::string_view path) {
  std::map<std::string, std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = TakePart(pattern);
    const std::string_view part = TakePart(path);
    if (wanted.starts_with('{')) {
      if (part.empty()) return std::nullopt;
      parameters.emplace(wanted.substr(1, wanted.size() - 2), part);
    } else if (wanted != part) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

}  // namespace

std::string_view AccessName(Access access) {
  switch (access) {
    case Access::kAnyone:
      return "anyone";
    case Access::kSignedIn:
      return "signed_in";
    case Access::kOwn:
      return "own";
    case Access::kRead:
      return "read";
    case Access::kFetch:
      return "fetch";
    case Access::kOperate:
      return "operate";
    case Access::kAdminister:
      return "administer";
  }
  return "";
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

Router::Match Router::Find(Method method, const std::string& path) const {
  std::string others;
  for (const Route& route : routes_) {
    auto parameters = Fit(std::string_view(route.pattern).substr(1), std::string_view(path).substr(1));
    if (!parameters) continue;
    if (route.method == method) return {.route = &route, .parameters = *std::move(parameters)};
    others += (others.empty() ? "" : ", ") + std::string(MethodName(route.method));
  }
  if (others.empty()) throw Refusal("no_route", "there is no " + Quoted(path), "/api/v1/openapi.json lists them");
  throw Refusal("wrong_method", Quoted(path) + " has no " + std::string(MethodName(method)), "it has " + others);
}

}  // namespace cofre::api
