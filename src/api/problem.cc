#include "api/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/text.h"

namespace cofre::api {
namespace {

const ProblemType& TypeOf(std::string_view code) {
  const auto& types = ProblemTypes();
  const auto found = std::ranges::find(types, code, &ProblemType::code);
  return found == types.end() ? TypeOf("internal") : *found;
}

ErrorKind KindOf(int status) {
  if (status == 401 || status == 403) return ErrorKind::kAuth;
  if (status == 404) return ErrorKind::kNotFound;
  if (status == 429 || status == 503) return ErrorKind::kTransient;
  return ErrorKind::kUsage;
}

std::string_view CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kTransient:
    case ErrorKind::kCancelled:
      return "unavailable";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kAuth:
    case ErrorKind::kQuota:
    case ErrorKind::kPermanent:
      break;
  }
  return "internal";
}

}  // namespace

const std::vector<ProblemType>& ProblemTypes() {
  static const std::vector<ProblemType> types{
      {400, "invalid", "The request is not as the description says"},
      {401, "not_signed_in", "Sign in first"},
      {401, "wrong_credentials", "User or password are wrong"},
      {401, "needs_code", "The code of the authenticator is needed too"},
      {401, "wrong_code", "The code is wrong or was used already"},
      {403, "forbidden", "This user may not do that"},
      {403, "csrf", "The X-CSRF-Token header is missing or wrong"},
      {404, "not_found", "There is no such thing"},
      {404, "no_route", "There is no such route"},
      {405, "wrong_method", "The route has no such method"},
      {409, "conflict", "It is not in a state in which that can be done"},
      {412, "changed_meanwhile", "It was changed meanwhile"},
      {413, "too_large", "The request is too large"},
      {415, "wrong_content_type", "The body is not application/json"},
      {428, "needs_if_match", "A change must say what it changes"},
      {429, "too_many_attempts", "Too many attempts"},
      {431, "headers_too_large", "The request's headers are too large"},
      {500, "internal", "Something failed here"},
      {500, "corrupt", "Something stored is damaged"},
      {503, "unavailable", "Not now"},
  };
  return types;
}

Refusal::Refusal(std::string_view code, const std::string& message, const std::string& hint)
    : Error(KindOf(TypeOf(code).status), message, hint), type_(&TypeOf(code)) {}

Response ProblemOf(const Error& error) {
  const auto* refusal = dynamic_cast<const Refusal*>(&error);
  const ProblemType& type = refusal != nullptr ? refusal->type() : TypeOf(CodeOf(error.kind()));
  const Json problem{{"type", "urn:cofre:problem:" + std::string(type.code)},
                     {"title", type.title},
                     {"status", type.status},
                     {"detail", error.what()},
                     {"ayuda", error.hint().empty() ? Json(nullptr) : Json(error.hint())}};
  Response response = JsonResponse(problem, type.status);
  response.type = "application/problem+json";
  if (type.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (error.retry_after()) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after());
    response.headers.emplace_back("Retry-After", std::to_string(std::max<int64_t>(seconds.count(), 1)));
  }
  return response;
}

}  // namespace cofre::api
