// Requests that no browser sends, over a real socket to the whole API: bent out of proper ones byte by byte, bodies
// without an end, two requests that look like one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "api/api_test_world.h"
#include "api/http_server.h"
#include "tests/support/raw_client.h"

namespace cofre::api {
namespace {

using test::Exchange;
using test::GetRequest;
using test::RawClient;
using test::StatusOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HostileRequestsTest : public testing::Test {
 protected:
  // As who may do everything.
  std::string Credentials() {
    const std::string cookie = world_.SignIn("ana");
    return "Cookie: __Host-cofre=" + cookie + "\r\nX-CSRF-Token: " + ApiWorld::CsrfOf(cookie) + "\r\n";
  }
  std::string RequestOf(const std::string& line, const std::string& body) {
    return line + " HTTP/1.1\r\nHost: x\r\n" + Credentials() +
           "If-Match: *\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  std::string Bend(std::string text);
  bool IsWell() { return StatusOf(Exchange(server_.port(), GetRequest("/api/v1/companies", Credentials()))) == 200; }

  ApiWorld world_;
  SeededRandom random_{20261124};
  HttpServer server_{{.listen = "127.0.0.1:0"}, [this](const Request& request) { return world_.api.Answer(request); }};
};

// One to four changes: a byte, a piece gone or doubled, or something that means something put in.
std::string HostileRequestsTest::Bend(std::string text) {
  static constexpr std::array<std::string_view, 14> kWords{"\r\n",
                                                           "\r\n\r\n",
                                                           ":",
                                                           "%00",
                                                           "%2e%2e/",
                                                           "/",
                                                           "?",
                                                           "{}",
                                                           "\"",
                                                           "[[[[",
                                                           "9223372036854775808",
                                                           "\xC3",
                                                           "chunked",
                                                           "Content-Length: 5\r\n"};
  for (uint64_t changes = 1 + random_.Below(4); changes > 0; --changes) {
    const size_t at = random_.Below(text.size());
    const size_t length = std::min<size_t>(random_.Below(20), text.size() - at);
    switch (random_.Below(4)) {
      case 0:
        text[at] = static_cast<char>(random_.Below(256));
        break;
      case 1:
        if (length + 10 < text.size()) text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      default:
        text.insert(at, kWords.at(random_.Below(kWords.size())));
    }
  }
  return text;
}

TEST_F(HostileRequestsTest, BentRequestsAreRefusedAndBringNothingDown) {
  const std::vector<std::string> proper{
      RequestOf("GET /api/v1/companies?buscar=a&pagina=1&por_pagina=50&orden=-espacio", ""),
      RequestOf("GET /api/v1/jobs?limite=5&antes_de=7&estado=done", ""),
      RequestOf("GET /api/v1/simulation?empresas=20&dias=1", ""),
      RequestOf("PATCH /api/v1/companies/900000002/settings", R"({"hora_backup":"02:00","limite_espacio_gb":1.5})"),
      RequestOf("POST /api/v1/companies/bulk", R"({"empresas":["900000002"],"cambios":{"hora_backup":"02:00"}})"),
      RequestOf("POST /api/v1/tokens", R"({"nombre":"n","alcance":"read","dias":1})"),
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "12\r\n{\"usuario\":\"nadie\"\r\n0\r\n\r\n"};
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string request = Bend(proper.at(static_cast<size_t>(i) % proper.size()));
    RawClient client(server_.port());
    client.Send(request);
    client.StopSending();
    const std::string answer = client.ReadAll();
    const int status = StatusOf(answer);
    EXPECT_LT(status, 500) << request << "\n" << answer;
    refused += status == 0 || status >= 400 ? 1 : 0;
  }
  EXPECT_GT(refused, 300);  // the bends do bend
  EXPECT_TRUE(IsWell());
}

TEST_F(HostileRequestsTest, ABodyWithoutAnEndIsCutOff) {
  RawClient client(server_.port());
  client.Send("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  int sent = 0;
  while (sent < 4000 && client.Send(chunk)) ++sent;
  EXPECT_LT(sent, 2000);  // 1 MiB is 16 of them; the rest goes into buffers of the system
  EXPECT_TRUE(IsWell());
}

TEST_F(HostileRequestsTest, ARequestIsNotSmuggledInAnothersBody) {
  const std::string inner = GetRequest("/api/v1/audit", Credentials());
  const std::string head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const std::string both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const std::string twice = "Content-Length: 0\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n";
  for (const std::string& lengths : {both, twice}) {
    const std::string answer = Exchange(server_.port(), head + lengths + inner);
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400"), Not(HasSubstr("cambios")))) << lengths;
  }
}

TEST_F(HostileRequestsTest, WhatIsGivenIsNoHeaderOfTheAnswer) {
  const std::string answer = Exchange(server_.port(), GetRequest("/api/v1/companies/1%0d%0aSet-Cookie:%20a=b"));
  EXPECT_EQ(StatusOf(answer), 400);
  EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie")));
}

TEST_F(HostileRequestsTest, GuessedSecretsThatNearlyFitDoNot) {
  const std::string token = world_.AddToken("ana", Scope::kRead);
  const std::string cookie = world_.SignIn("ana");
  const auto status = [&](const std::string& header) {
    return StatusOf(Exchange(server_.port(), GetRequest("/api/v1/today", header + "\r\n")));
  };
  EXPECT_EQ(status("Authorization: Bearer " + token), 200);
  EXPECT_EQ(status("Authorization: Bearer " + token.substr(0, token.size() - 1)), 401);
  EXPECT_EQ(status("Authorization: Bearer " + token + "A"), 401);
  EXPECT_EQ(status("Authorization: Bearer " + token + "%"), 401);
  EXPECT_EQ(status("Cookie: __Host-cofre=" + token), 401);
  EXPECT_EQ(status("Cookie: __Host-cofre=" + cookie.substr(1)), 401);
  EXPECT_EQ(status("Cookie: cofre=" + cookie), 401);
  EXPECT_EQ(status("Authorization: Bearer " + cookie), 401);
}

}  // namespace
}  // namespace cofre::api
