// Any bytes as the target of a request, as its cookies and as its body, through the table of routes: answered by a
// route or refused, and what a route is given is what stood there.

#include <cstdlib>
#include <string>

#include "api/json.h"
#include "api/message.h"
#include "api/router.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/utf8.h"
#include "model/account.h"

namespace {

using namespace cofre::api;

void Check(bool holds) {
  if (!holds) std::abort();
}

bool IsTame(const std::string& text) {
  if (!cofre::IsValidUtf8(text)) return false;
  for (const char c : text) {
    if ((c >= 0 && c < ' ') || c == '\x7F') return false;
  }
  return true;
}

const Router& Routes() {
  static const Router router({{Method::kGet, "/api/v1/companies", Access::kOwn, nullptr},
                              {Method::kPost, "/api/v1/companies/bulk", Access::kOperate, nullptr},
                              {Method::kGet, "/api/v1/companies/{company}", Access::kOwn, nullptr},
                              {Method::kGet, "/api/v1/companies/{company}/backups", Access::kOwn, nullptr},
                              {Method::kDelete, "/api/v1/servers/{server}/pause", Access::kOperate, nullptr}});
  return router;
}

void Find(Method method, const std::string& path) {
  try {
    const Router::Match match = Routes().Find(method, path);
    Check(match.route != nullptr && match.route->method == method);
    for (const auto& [name, value] : match.parameters) {
      Check(!value.empty() && value.find('/') == std::string::npos && path.find("/" + value) != std::string::npos);
    }
  } catch (const cofre::Error& error) {
    Check(error.kind() == cofre::ErrorKind::kNotFound || error.kind() == cofre::ErrorKind::kUsage);
  }
}

void TryTarget(std::string_view text) {
  const auto target = ParseTarget(text);
  if (!target) return;
  Check(target->path.starts_with('/') && IsTame(target->path) && target->query.size() <= 50);
  for (const auto& [name, value] : target->query) Check(IsTame(name) && IsTame(value));
  for (const Method method : kMethods) Find(method, target->path);
}

void TryBody(std::string text) {
  const Request request{
      .method = Method::kPost, .headers = {{"content-type", "application/json"}}, .body = std::move(text)};
  try {
    Body body(request);
    (void)body.TakeText("nombre");
    body.Finish();
  } catch (const cofre::Error& error) {
    Check(error.kind() == cofre::ErrorKind::kUsage);
  }
}

void TryCookies(std::string text) {
  const Request request{.headers = {{"cookie", std::move(text)}}};
  const std::string found = request.Cookie("__Host-cofre");
  Check(found.find(';') == std::string::npos);
  Check(found.empty() || request.Header("cookie").find("__Host-cofre=" + found) != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = cofre::AsText({data, size});
  TryTarget(text);
  TryTarget("/api/v1/companies/" + std::string(text));
  TryCookies(std::string(text));
  TryBody(std::string(text));
  return 0;
}
