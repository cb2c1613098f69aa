#include "api/second_factor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/api_test_world.h"
#include "api/totp.h"
#include "catalogue/accounts.h"

namespace cofre::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

Bytes Base32Decode(const std::string& text) {
  static const std::string kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  Bytes bytes;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    bits = (bits << 5) | static_cast<uint32_t>(kAlphabet.find(c));
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<uint8_t>(bits >> count));
  }
  return bytes;
}

class SecondFactorTest : public testing::Test {
 protected:
  static Json JsonOf(const Response& response) { return Json::parse(response.body, nullptr, false); }
  static std::string CodeOf(const Response& response) {
    const Json json = JsonOf(response);
    return json.is_object() && json.contains("type") ? json["type"].get<std::string>().substr(18) : response.body;
  }
  Response Post(const std::string& end, const Json& body, const std::string& user = "ana") {
    return world_.Send(user, Method::kPost, "/api/v1/session" + end, body.dump());
  }
  Response SignIn(const Json& code, const std::string& password = kPassword) {
    Json body{{"usuario", "ana"}, {"clave", password}};
    if (!code.is_null()) body["codigo"] = code;
    return world_.Send("", Method::kPost, "/api/v1/session", body.dump());
  }
  // The code of the half minute that is so many away.
  std::string Code(int64_t away = 0) {
    return HotpCode(secret_, static_cast<uint64_t>(TotpStep(world_.vault.clock.Now()) + away));
  }
  void Propose() {
    const Response proposed = Post("/second-factor", {{"clave", kPassword}});
    EXPECT_EQ(proposed.status, 201) << proposed.body;
    secret_ = Base32Decode(JsonOf(proposed)["secreto"]);
  }
  void Enrol() {
    Propose();
    const Response confirmed = Post("/second-factor/confirm", {{"codigo", Code()}});
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    recovery_ = JsonOf(confirmed)["codigos_recuperacion"].get<std::vector<std::string>>();
    world_.vault.clock.Advance(30s);
  }
  std::string LastAction() { return world_.services.accounts.ListAudit({}, 1).at(0).action; }

  ApiWorld world_;
  Bytes secret_;
  std::vector<std::string> recovery_;
};

TEST_F(SecondFactorTest, AProposalIsShownOnceWithAnAddressForAuthenticators) {
  const Response proposed = Post("/second-factor", {{"clave", kPassword}});
  const Json json = JsonOf(proposed);
  EXPECT_THAT(json["otpauth"], StartsWith("otpauth://totp/Cofre:ana?secret=" + json["secreto"].get<std::string>()));
  EXPECT_EQ(Base32Decode(json["secreto"]).size(), kTotpSecretBytes);
  EXPECT_EQ(SignIn(nullptr).status, 200);  // not asked for yet
  const auto factor = world_.services.accounts.FindSecondFactor("ana");
  EXPECT_THAT(factor->sealed, Not(HasSubstr(HexEncode(Base32Decode(json["secreto"])))));
}

TEST_F(SecondFactorTest, ItTakesThePasswordToProposeOne) {
  EXPECT_EQ(CodeOf(Post("/second-factor", {{"clave", "wrong"}})), "wrong_credentials");
  EXPECT_EQ(Post("/second-factor", Json::object()).status, 400);
}

TEST_F(SecondFactorTest, OnceConfirmedTheCodeIsAskedForAtEachSignIn) {
  const std::string other = world_.SignIn("ana");
  Enrol();
  EXPECT_EQ(recovery_.size(), 10U);
  EXPECT_EQ(std::set<std::string>(recovery_.begin(), recovery_.end()).size(), 10U);
  EXPECT_EQ(LastAction(), "user.second_factor_add");
  // Sessions that were opened without it are over.
  EXPECT_EQ(world_.Get("", "/api/v1/session", {{"cookie", std::string(kCookieName) + "=" + other}}).status, 401);
  EXPECT_EQ(CodeOf(SignIn(nullptr)), "needs_code");
  EXPECT_EQ(CodeOf(SignIn("")), "needs_code");
  EXPECT_EQ(CodeOf(SignIn("000000x")), "wrong_code");
  EXPECT_EQ(CodeOf(SignIn(Code(), "wrong")), "wrong_credentials");
  const Response opened = SignIn(Code());
  EXPECT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(JsonOf(opened)["dos_factores"], true);
}

TEST_F(SecondFactorTest, ACodeIsGoodOnceAndNoneBeforeItAfterwards) {
  Propose();
  const std::string code = Code();
  EXPECT_EQ(Post("/second-factor/confirm", {{"codigo", code}}).status, 200);
  EXPECT_EQ(CodeOf(SignIn(code)), "wrong_code");
  EXPECT_EQ(SignIn(Code(1)).status, 200);
  EXPECT_EQ(CodeOf(SignIn(Code(1))), "wrong_code");
  EXPECT_EQ(CodeOf(SignIn(Code(-1))), "wrong_code");
  world_.vault.clock.Advance(1min);
  EXPECT_EQ(SignIn(Code()).status, 200);
}

TEST_F(SecondFactorTest, ARecoveryCodeStandsForItOnce) {
  Enrol();
  EXPECT_EQ(SignIn(recovery_[0]).status, 200);
  EXPECT_EQ(CodeOf(SignIn(recovery_[0])), "wrong_code");
  std::string typed = recovery_[1];
  std::erase(typed, '-');
  for (char& c : typed) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(SignIn(typed).status, 200);
}

TEST_F(SecondFactorTest, WhoGuessesCodesIsHeldUpThoughHeHasThePassword) {
  Enrol();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(CodeOf(SignIn("111111x")), "wrong_code");
  EXPECT_EQ(CodeOf(SignIn(Code())), "too_many_attempts");
  EXPECT_EQ(CodeOf(SignIn(nullptr)), "too_many_attempts");
  world_.vault.clock.Advance(1min);
  EXPECT_EQ(SignIn(Code()).status, 200);
}

TEST_F(SecondFactorTest, AWrongCodeConfirmsNothing) {
  EXPECT_EQ(CodeOf(Post("/second-factor/confirm", {{"codigo", "123456"}})), "wrong_code");
  Propose();
  EXPECT_EQ(CodeOf(Post("/second-factor/confirm", {{"codigo", Code(5)}})), "wrong_code");
  EXPECT_EQ(Post("/second-factor/confirm", {{"codigo", 123456}}).status, 400);
  EXPECT_EQ(SignIn(nullptr).status, 200);
}

TEST_F(SecondFactorTest, ItsUserTakesItAwayWithPasswordAndCode) {
  Enrol();
  EXPECT_EQ(Post("/second-factor", {{"clave", kPassword}}).status, 409);
  EXPECT_EQ(CodeOf(Post("/second-factor/remove", {{"clave", "wrong"}, {"codigo", Code()}})), "wrong_credentials");
  EXPECT_EQ(CodeOf(Post("/second-factor/remove", {{"clave", kPassword}, {"codigo", "1"}})), "wrong_code");
  EXPECT_EQ(Post("/second-factor/remove", {{"clave", kPassword}, {"codigo", Code()}}).status, 204);
  EXPECT_EQ(LastAction(), "user.second_factor_remove");
  EXPECT_EQ(SignIn(nullptr).status, 200);
  EXPECT_EQ(Post("/second-factor/remove", {{"clave", kPassword}, {"codigo", Code()}}).status, 409);
}

TEST_F(SecondFactorTest, AnAdministratorTakesItAway) {
  world_.AddUser("bea", Role::kAdministrator);
  Enrol();
  EXPECT_EQ(JsonOf(world_.Get("bea", "/api/v1/users/ana"))["dos_factores"], true);
  EXPECT_EQ(world_.Send("bea", Method::kDelete, "/api/v1/users/ana/second-factor").status, 204);
  EXPECT_EQ(world_.Send("bea", Method::kDelete, "/api/v1/users/ana/second-factor").status, 204);
  EXPECT_EQ(world_.Send("bea", Method::kDelete, "/api/v1/users/nobody/second-factor").status, 404);
  EXPECT_EQ(SignIn(nullptr).status, 200);
}

TEST_F(SecondFactorTest, WithAnotherMasterKeyNobodyGetsInByACode) {
  Enrol();
  std::filesystem::remove(world_.vault.folder.File("key"));
  engine::MasterKey::Generate(SystemRandom()).WriteNewFile(world_.vault.folder.File("key"));
  EXPECT_EQ(SignIn(Code()).status, 500);
  EXPECT_EQ(SignIn(recovery_[0]).status, 200);
}

TEST_F(SecondFactorTest, AUserThatIsRemovedTakesItWithHim) {
  world_.AddUser("bea", Role::kAdministrator);
  Enrol();
  world_.services.accounts.RemoveUser("ana");
  EXPECT_FALSE(world_.services.accounts.FindSecondFactor("ana"));
  world_.AddUser("ana", Role::kViewer);
  EXPECT_EQ(SignIn(nullptr).status, 200);
}

}  // namespace
}  // namespace cofre::api
