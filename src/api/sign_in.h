#pragma once

// How somebody proves who he is: a password once, then a cookie; or a token.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "api/attempts.h"
#include "api/identity.h"
#include "api/message.h"
#include "api/same_secret.h"
#include "api/second_factor.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "catalogue/accounts.h"

namespace cofre::api {

// Only sent over TLS (or to this machine itself), to this host, from pages of this host.
inline constexpr const char* kCookieName = "__Host-cofre";
inline constexpr std::chrono::hours kSessionUnused(8);
inline constexpr std::chrono::hours kSessionLongest(7 * 24);

// A secret of 256 random bits for a cookie or token, in hexadecimal, and what of it is stored.
std::string MakeSecret(Random& random);
std::string HashOfSecret(const std::string& secret);

// Thread-safe.
class SignIn {
 public:
  // The references outlive it.
  SignIn(catalogue::Accounts& accounts, SecondFactors& factors, Clock& clock, Random& random)
      : accounts_(accounts), factors_(factors), clock_(clock), random_(random) {}

  struct Opened {
    Identity identity;
    std::string cookie;  // Set-Cookie
  };
  // Throws Refusal wrong_credentials, the same and after the same time whether user or password is wrong, and
  // too_many_attempts (of that user from that address, from that address, or of that user from anywhere). Where the
  // user has an authenticator: needs_code without a code, wrong_code for one that is wrong or was used before.
  Opened Open(const std::string& user, const Secret& password, const std::string& code, const Request& request);

  // For what asks for the password once more. Throws as Open does, and counts as it does.
  void RequirePassword(const User& user, const Secret& password, const Request& request);
  // Password and code.
  void RequireBoth(const User& user, const Secret& password, const std::string& code, const Request& request);
  // The same for a code; `is_right` says whether it is, and is asked only where the user may try.
  void RequireCode(const User& user, const Request& request, const std::function<bool()>& is_right);

  // Whoever has signed in or bears a token; nullopt where the request bears neither. Throws Refusal not_signed_in where
  // what it bears is of no use (any more).
  std::optional<Identity> WhoAsks(const Request& request);

  // A Set-Cookie that takes the cookie away.
  static std::string NoCookie();

 private:
  std::optional<Identity> FromSession(const Request& request, const std::string& cookie);
  Identity FromToken(const Request& request, const std::string& token);
  // The user, once the password was right.
  User Check(const std::string& key, const Secret& password, const Request& request);
  void RequireMayTry(const std::string& key, Attempts& attempts);
  void RequireMayTryAs(const std::string& key, const Request& request);
  void NoteFailure(const std::string& key, const Request& request);
  void NoteSuccess(const std::string& key, const Request& request);

  catalogue::Accounts& accounts_;
  SecondFactors& factors_;
  Clock& clock_;
  Random& random_;
  Attempts pairs_{{}};
  Attempts addresses_{{.free = 30}};
  Attempts users_{{.free = 100}};
};

}  // namespace cofre::api
