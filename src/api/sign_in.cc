#include "api/sign_in.h"

#include <fmt/format.h>

#include <array>

#include "api/password.h"
#include "api/problem.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"

namespace cofre::api {
namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::string_view kTokenPrefix = "cofre_";
constexpr auto kNoteUseEvery = std::chrono::minutes(1);

std::string CsrfOf(const std::string& cookie) { return HmacSha256(AsBytes(cookie), AsBytes("csrf")).Hex(); }

Refusal NotSignedIn() {
  return {"not_signed_in", "nobody has signed in, or the session or token is over",
          "POST /api/v1/session, or a token in Authorization: Bearer"};
}

Refusal WrongCredentials() { return {"wrong_credentials", "user or password are wrong"}; }

// Of nobody: costs as much to compare with as a real one.
const std::string& NobodysHash() {
  static const std::string hash = HashPassword(Secret("nobody has this password"), SystemRandom());
  return hash;
}

}  // namespace

std::string MakeSecret(Random& random) {
  std::array<uint8_t, 32> bytes{};
  random.Fill(bytes);
  return HexEncode(bytes);
}

std::string HashOfSecret(const std::string& secret) { return Sha256(AsBytes(secret)).Hex(); }

void SignIn::RequireMayTry(const std::string& key, Attempts& attempts) {
  const Duration wait = attempts.Wait(key, clock_.Monotonic());
  if (wait <= Duration(0)) return;
  Refusal refusal("too_many_attempts", "too many attempts have failed", "wait, then try again");
  refusal.WithRetryAfter(std::chrono::ceil<std::chrono::milliseconds>(wait));
  throw refusal;
}

void SignIn::RequireMayTryAs(const std::string& key, const Request& request) {
  RequireMayTry(key + " " + request.address, pairs_);
  RequireMayTry(request.address, addresses_);
  RequireMayTry(key, users_);
}

void SignIn::NoteFailure(const std::string& key, const Request& request) {
  const Duration now = clock_.Monotonic();
  pairs_.Failed(key + " " + request.address, now);
  addresses_.Failed(request.address, now);
  users_.Failed(key, now);
  Log(LogLevel::kWarning, "sign_in_failed", {{"user", Quoted(key)}, {"address", request.address}});
}

void SignIn::NoteSuccess(const std::string& key, const Request& request) {
  pairs_.Succeeded(key + " " + request.address);
}

User SignIn::Check(const std::string& key, const Secret& password, const Request& request) {
  RequireMayTryAs(key, request);
  std::optional<User> user = accounts_.FindUser(key);
  const bool is_right = IsPassword(password, user ? user->password : NobodysHash());
  if (!user || !user->enabled || !is_right) {
    NoteFailure(key, request);
    throw WrongCredentials();
  }
  return *std::move(user);
}

void SignIn::RequirePassword(const User& user, const Secret& password, const Request& request) {
  (void)Check(user.name, password, request);
  NoteSuccess(user.name, request);
}

void SignIn::RequireCode(const User& user, const Request& request, const std::function<bool()>& is_right) {
  RequireMayTryAs(user.name, request);
  if (!is_right()) {
    NoteFailure(user.name, request);
    throw Refusal("wrong_code", "the code is wrong, or was used already",
                  "take the next one that the authenticator shows; its clock must be right");
  }
  NoteSuccess(user.name, request);
}

void SignIn::RequireBoth(const User& user, const Secret& password, const std::string& code, const Request& request) {
  (void)Check(user.name, password, request);
  RequireCode(user, request, [&] { return factors_.Accept(user.name, code); });
}

SignIn::Opened SignIn::Open(const std::string& name, const Secret& password, const std::string& code,
                            const Request& request) {
  const User user = Check(AsciiLower(Trimmed(name)).substr(0, 64), password, request);
  // The password alone is no success: who has it and guesses codes is held up as he who guesses passwords.
  if (!user.second_factor) {
    NoteSuccess(user.name, request);
  } else if (code.empty()) {
    throw Refusal("needs_code", "the user has an authenticator: its code is needed too", "send it as codigo");
  } else {
    RequireCode(user, request, [&] { return factors_.Accept(user.name, code); });
  }
  const std::string secret = MakeSecret(random_);
  const TimePoint now = clock_.Now();
  const SignedSession session{.hash = HashOfSecret(secret),
                              .user = user.name,
                              .created = now,
                              .used = now,
                              .expires = now + kSessionLongest,
                              .address = request.address,
                              .agent = request.Header("user-agent")};
  accounts_.RemoveOldSessions(now, now - kSessionUnused);
  accounts_.AddSession(session);
  accounts_.MarkSignedIn(user.name, now);
  Opened opened;
  opened.identity = {.user = user, .session_hash = session.hash, .csrf = CsrfOf(secret), .address = request.address};
  opened.cookie = fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}", kCookieName, secret,
                              std::chrono::seconds(kSessionLongest).count());
  return opened;
}

std::string SignIn::NoCookie() {
  return fmt::format("{}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", kCookieName);
}

std::optional<Identity> SignIn::WhoAsks(const Request& request) {
  const std::string& authorization = request.Header("authorization");
  if (!authorization.empty()) {
    if (!AsciiLower(authorization.substr(0, kBearer.size())).starts_with(kBearer)) throw NotSignedIn();
    return FromToken(request, authorization.substr(kBearer.size()));
  }
  const std::string cookie = request.Cookie(kCookieName);
  if (cookie.empty()) return std::nullopt;
  return FromSession(request, cookie);
}

std::optional<Identity> SignIn::FromSession(const Request& request, const std::string& cookie) {
  const TimePoint now = clock_.Now();
  const auto session = accounts_.FindSession(HashOfSecret(cookie));
  if (!session || session->expires <= now || now - session->used > kSessionUnused) throw NotSignedIn();
  const auto user = accounts_.FindUser(session->user);
  if (!user || !user->enabled) throw NotSignedIn();
  if (now - session->used >= kNoteUseEvery) accounts_.MarkSessionUsed(session->hash, now);
  return Identity{.user = *user, .session_hash = session->hash, .csrf = CsrfOf(cookie), .address = request.address};
}

Identity SignIn::FromToken(const Request& request, const std::string& secret) {
  const TimePoint now = clock_.Now();
  std::optional<ApiToken> token;
  if (secret.starts_with(kTokenPrefix)) token = accounts_.FindToken(HashOfSecret(secret));
  if (!token || token->revoked || token->expires <= now) {
    // Only here: others of that address who bear good ones go on.
    RequireMayTry(request.address, addresses_);
    addresses_.Failed(request.address, clock_.Monotonic());
    throw NotSignedIn();
  }
  const auto user = accounts_.FindUser(token->user);
  if (!user || !user->enabled) throw NotSignedIn();
  if (!token->used || now - *token->used >= kNoteUseEvery) accounts_.MarkTokenUsed(token->id, now);
  return Identity{.user = *user, .token = token, .address = request.address};
}

}  // namespace cofre::api
