#include "api/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/attempts.h"
#include "api/json.h"
#include "api/password.h"
#include "api/problem.h"
#include "api/router.h"
#include "base/random.h"
#include "tests/support/expect_error.h"

namespace cofre::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

TEST(TargetTest, ItIsDecoded) {
  const auto target = ParseTarget("/caf%C3%A9/a+b?q=a+b%26c&empty=&alone");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/café/a+b");
  EXPECT_EQ(target->query.at("q"), "a b&c");
  EXPECT_EQ(target->query.at("empty"), "");
  EXPECT_EQ(target->query.at("alone"), "");
}

TEST(TargetTest, TricksAreNone) {
  for (const char* bad :
       {"", "x", "*", "/%2", "/%zz", "/a%2fb", "/%00", "/a%0d%0aX: y", "/%C3", "/?a=1&a=1", "/?%ff=1"}) {
    EXPECT_FALSE(ParseTarget(bad)) << bad;
  }
  std::string many = "/?a=1";
  for (int i = 0; i < 60; ++i) many += "&p" + std::to_string(i) + "=1";
  EXPECT_FALSE(ParseTarget(many));
}

TEST(RequestTest, ACookieIsFoundAmongOthers) {
  const Request request{.headers = {{"cookie", "a=1; __Host-cofre=xyz;b=2"}}};
  EXPECT_EQ(request.Cookie("__Host-cofre"), "xyz");
  EXPECT_EQ(request.Cookie("b"), "2");
  EXPECT_EQ(request.Cookie("cofre"), "");
}

class RouterTest : public testing::Test {
 protected:
  Router router_{{{Method::kGet, "/a/{x}", Access::kAnyone, nullptr},
                  {Method::kPut, "/a/{x}", Access::kAnyone, nullptr},
                  {Method::kPost, "/a/b", Access::kAnyone, nullptr},
                  {Method::kGet, "/a/{x}/c/{y}", Access::kAnyone, nullptr}}};
};

TEST_F(RouterTest, APathIsFoundWithItsParameters) {
  EXPECT_EQ(router_.Find(Method::kGet, "/a/1").parameters.at("x"), "1");
  EXPECT_EQ(router_.Find(Method::kPost, "/a/b").route->pattern, "/a/b");
  EXPECT_EQ(router_.Find(Method::kGet, "/a/1/c/2").parameters.at("y"), "2");
}

TEST_F(RouterTest, WhatIsNotThereIsSaid) {
  EXPECT_ERROR(router_.Find(Method::kGet, "/a"), ErrorKind::kNotFound, HasSubstr("there is no '/a'"));
  EXPECT_ERROR(router_.Find(Method::kGet, "/"), ErrorKind::kNotFound, HasSubstr("there is no"));
  EXPECT_ERROR(router_.Find(Method::kGet, "/a/1/c"), ErrorKind::kNotFound, HasSubstr("there is no"));
  EXPECT_ERROR(router_.Find(Method::kGet, "/a//c/2"), ErrorKind::kNotFound, HasSubstr("there is no"));
  EXPECT_ERROR(router_.Find(Method::kDelete, "/a/1"), ErrorKind::kUsage, HasSubstr("'/a/1' has no DELETE"));
}

TEST(ProblemTest, TheKindOfAnErrorDecides) {
  const auto status = [](ErrorKind kind) { return ProblemOf(Error(kind, "it broke")).status; };
  EXPECT_EQ(status(ErrorKind::kUsage), 400);
  EXPECT_EQ(status(ErrorKind::kNotFound), 404);
  EXPECT_EQ(status(ErrorKind::kTransient), 503);
  EXPECT_EQ(status(ErrorKind::kPermanent), 500);
  EXPECT_EQ(status(ErrorKind::kCorrupt), 500);
  // Ours to mend: no sign that the client's own credentials were wrong.
  EXPECT_EQ(status(ErrorKind::kAuth), 500);
}

TEST(ProblemTest, ItSaysWhatAndWhatToDo) {
  Refusal refusal("too_many_attempts", "too many", "wait");
  refusal.WithRetryAfter(1500ms);
  const Response response = ProblemOf(refusal);
  EXPECT_EQ(response.type, "application/problem+json");
  const Json json = Json::parse(response.body);
  EXPECT_EQ(json["type"], "urn:cofre:problem:too_many_attempts");
  EXPECT_EQ(json["status"], 429);
  EXPECT_EQ(json["detail"], "too many");
  EXPECT_EQ(json["ayuda"], "wait");
  EXPECT_EQ(response.headers.at(0), std::pair(std::string("Retry-After"), std::string("2")));
}

Request JsonRequest(const std::string& body) {
  return {.headers = {{"content-type", "application/json"}}, .body = body};
}

TEST(BodyTest, MembersAreTakenByTheirType) {
  Body body(JsonRequest(R"({"a":"x","b":true,"c":1.5,"d":["p","q"],"e":null,"f":null})"));
  EXPECT_EQ(body.TakeText("a"), "x");
  EXPECT_EQ(body.TakeFlag("b"), true);
  EXPECT_EQ(body.TakeNumber("c"), 1.5);
  EXPECT_EQ(body.TakeTexts("d", 2)->size(), 2U);
  EXPECT_EQ(body.TakeText("e"), std::nullopt);
  EXPECT_EQ(body.TakeNullableText("f"), "");
  EXPECT_NO_THROW(body.Finish());
}

TEST(BodyTest, WhatIsNotAsItMustBeIsNamed) {
  EXPECT_ERROR(Body(Request{.body = "{}"}), ErrorKind::kUsage, HasSubstr("content type"));
  for (const char* bad : {"", "[]", "1", "{", "{\"a\":1,}", "{\"a\":\"\xff\"}", "{} {}"}) {
    EXPECT_ERROR(Body(JsonRequest(bad)), ErrorKind::kUsage, StartsWith("the body is not"));
  }
  EXPECT_ERROR(Body(JsonRequest("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}")),
               ErrorKind::kUsage, HasSubstr("not a JSON object"));
  Body body(JsonRequest(R"({"a":1,"d":["p",1],"e":["p","q"]})"));
  EXPECT_ERROR(body.TakeText("a"), ErrorKind::kUsage, HasSubstr("the value of 'a' is not a text"));
  EXPECT_ERROR(body.TakeTexts("d", 9), ErrorKind::kUsage, HasSubstr("'d'"));
  EXPECT_ERROR(body.TakeTexts("e", 1), ErrorKind::kUsage, HasSubstr("at most 1"));
  EXPECT_ERROR(body.RequireText("z"), ErrorKind::kUsage, HasSubstr("no z"));
  EXPECT_ERROR(Body(JsonRequest(R"({"zz":1})")).Finish(), ErrorKind::kUsage, HasSubstr("'zz'"));
}

TEST(AttemptsTest, AfterSomeFailuresEachWaitIsLonger) {
  Attempts attempts({.free = 3, .first = 10s, .longest = 35s, .forgotten = 1h});
  const Duration now = 5h;
  attempts.Failed("ana", now);
  attempts.Failed("ana", now);
  EXPECT_EQ(attempts.Wait("ana", now), 0s);
  attempts.Failed("ana", now);
  EXPECT_EQ(attempts.Wait("ana", now), 10s);
  EXPECT_EQ(attempts.Wait("ana", now + 4s), 6s);
  EXPECT_EQ(attempts.Wait("ana", now + 10s), 0s);
  EXPECT_EQ(attempts.Wait("eva", now), 0s);
  attempts.Failed("ana", now + 10s);
  EXPECT_EQ(attempts.Wait("ana", now + 10s), 20s);
  attempts.Failed("ana", now + 30s);
  EXPECT_EQ(attempts.Wait("ana", now + 30s), 35s);
  attempts.Failed("ana", now + 3h);
  EXPECT_EQ(attempts.Wait("ana", now + 3h), 0s);
}

TEST(AttemptsTest, SuccessForgetsAndMemoryIsBounded) {
  Attempts attempts({.free = 1}, 2);
  attempts.Failed("a", 1s);
  attempts.Succeeded("a");
  EXPECT_EQ(attempts.Wait("a", 1s), 0s);
  attempts.Failed("a", 1s);
  attempts.Failed("b", 2s);
  attempts.Failed("c", 3s);
  EXPECT_EQ(attempts.Wait("a", 3s), 0s);
  EXPECT_GT(attempts.Wait("b", 3s), 0s);
}

TEST(PasswordTest, AHashFitsItsPasswordAlone) {
  const std::string hash = HashPassword(Secret("correct horse"), SystemRandom());
  EXPECT_THAT(hash, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(IsPassword(Secret("correct horse"), hash));
  EXPECT_FALSE(IsPassword(Secret("correct hors"), hash));
  EXPECT_FALSE(IsPassword(Secret("correct horse"), "plain text"));
  EXPECT_FALSE(IsPassword(Secret(std::string(100'000, 'x')), hash));
}

TEST(PasswordTest, BadOnesAreRefused) {
  const auto check = [](const std::string& text) { RequireGoodPassword(Secret(std::string(text)), "ana.perez@x"); };
  EXPECT_NO_THROW(check("diez letras"));
  EXPECT_NO_THROW(check("ñandúñandú"));
  EXPECT_ERROR(check("ñandúñand"), ErrorKind::kUsage, HasSubstr("too short"));
  EXPECT_ERROR(check("Ana.Perez@x"), ErrorKind::kUsage, HasSubstr("the user's name"));
  EXPECT_ERROR(check("aaaaaaaaaaaa"), ErrorKind::kUsage, HasSubstr("again and again"));
  EXPECT_ERROR(check(std::string(300, 'x') + "y"), ErrorKind::kUsage, HasSubstr("too long"));
}

}  // namespace
}  // namespace cofre::api
