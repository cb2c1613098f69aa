#pragma once

// What tests of the API share: a vault with two companies, users of every role, and requests in their names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/json.h"
#include "api/password.h"
#include "base/digest.h"
#include "base/random.h"
#include "service/service_test_vault.h"

namespace cofre::api {

inline constexpr const char* kPassword = "una clave bien larga";
inline constexpr const char* kMine = "900000001";  // the company of the company user "contador"
inline constexpr const char* kOther = "900000002";

using Headers = std::map<std::string, std::string>;

class ApiWorld {
 public:
  // `more` is the rest of the configuration.
  explicit ApiWorld(const std::string& more = "") : vault(more) {
    for (const char* id : {kMine, kOther}) vault.AddCompany(id);
    AddUser("ana", Role::kAdministrator);
    AddUser("olga", Role::kOperator);
    AddUser("vero", Role::kViewer);
    AddUser("contador", Role::kCompany, {kMine});
  }

  void AddUser(const std::string& name, Role role, const std::vector<std::string>& companies = {}) {
    // Made once: it is slow on purpose.
    static const std::string hash = HashPassword(Secret(kPassword), SystemRandom());
    services.accounts.AddUser(
        {.name = name, .role = role, .companies = companies, .password = hash, .created = vault.clock.Now()});
  }

  // A new session's cookie.
  std::string SignIn(const std::string& user) {
    const std::string secret = MakeSecret(SystemRandom());
    const TimePoint now = vault.clock.Now();
    services.accounts.AddSession(
        {.hash = HashOfSecret(secret), .user = user, .created = now, .used = now, .expires = now + kSessionLongest});
    return secret;
  }
  static std::string CsrfOf(const std::string& cookie) { return HmacSha256(AsBytes(cookie), AsBytes("csrf")).Hex(); }

  std::string AddToken(const std::string& user, Scope scope) {
    const std::string secret = "cofre_" + MakeSecret(SystemRandom());
    const TimePoint now = vault.clock.Now();
    services.accounts.AddToken({.hash = HashOfSecret(secret),
                                .name = "test",
                                .user = user,
                                .scope = scope,
                                .created = now,
                                .expires = now + std::chrono::hours(24)});
    return secret;
  }

  // Everybody signs in anew.
  void ForgetCookies() { cookies_.clear(); }

  // `user` empty: nobody.
  Response Send(const std::string& user, Method method, const std::string& target, const std::string& body = "",
                Headers headers = {}) {
    const auto parsed = ParseTarget(target);
    EXPECT_TRUE(parsed) << target;
    if (!user.empty()) {
      const auto [cookie, is_new] = cookies_.try_emplace(user);
      if (is_new) cookie->second = SignIn(user);
      headers.emplace("cookie", std::string(kCookieName) + "=" + cookie->second);
      headers.emplace("x-csrf-token", CsrfOf(cookie->second));
    }
    if (!body.empty()) headers.emplace("content-type", "application/json");
    return api.Answer({.method = method,
                       .path = parsed->path,
                       .query = parsed->query,
                       .headers = std::move(headers),
                       .body = body,
                       .address = "10.0.0.9"});
  }
  Response Get(const std::string& user, const std::string& target, const Headers& headers = {}) {
    return Send(user, Method::kGet, target, "", headers);
  }

  // With a backup that is really there.
  Backup MakeBackup(const std::string& company) {
    vault.Enqueue(company);
    vault.RunNext();
    services.fleet.Changed();
    return vault.catalogue().ListBackups({.company = company}).at(0);
  }

  void AddNode(const std::string& name) {
    const TimePoint now = vault.clock.Now();
    vault.catalogue().PutNode(
        {.name = name, .owner = OwnProcessIdentity(), .version = "1", .started = now, .seen = now}, now, MayBeAlive);
  }

  service::ServiceVault vault;
  CurrentWiring current = [this] { return vault.wiring; };
  Services services{current, vault.clock, SystemRandom()};
  Api api{services};

 private:
  std::map<std::string, std::string> cookies_;
};

inline std::string HeaderOf(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return "";
}

}  // namespace cofre::api
