#include "io/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "io/bandwidth.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace cofre::io {
namespace {

using test::FaultProxy;
using testing::HasSubstr;

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() { options_.stall_timeout = std::chrono::seconds(20); }

  HttpRequest Get(const FaultProxy& server, const std::string& target = "/", uint64_t limit = 1000) {
    return {.method = "GET", .url = server.endpoint() + target, .response_limit = limit};
  }
  std::optional<Error> Failure(const HttpRequest& request, const std::stop_token& stop = {}) {
    HttpClient client(options_);
    try {
      client.Send(request, stop);
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }
  static std::string Text(const HttpResponse& response) { return std::string(AsText(response.body)); }

  HttpOptions options_;
};

TEST_F(HttpClientTest, AnAnswerHasStatusHeadersAndBody) {
  FaultProxy server({FaultProxy::Answer(200, "hello", "ETag: \"abc\"\r\nx-empty:\r\n")});
  HttpClient client(options_);
  const HttpResponse response = client.Send(Get(server), {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Text(response), "hello");
  ASSERT_NE(response.Header("etag"), nullptr);
  EXPECT_EQ(*response.Header("etag"), "\"abc\"");
  EXPECT_EQ(*response.Header("X-EMPTY"), "");
  EXPECT_EQ(response.Header("missing"), nullptr);
}

TEST_F(HttpClientTest, ABodyGoesUpWholeWithoutWaitingForContinue) {
  Bytes body(3'000'000);
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<uint8_t>(i * 7);
  FaultProxy server({FaultProxy::Answer(200, "")});
  HttpClient client(options_);
  HttpRequest request{.method = "PUT", .url = server.endpoint() + "/x", .body = body};
  request.headers.push_back({.name = "X-Mine", .value = "yes"});
  EXPECT_EQ(client.Send(request, {}).status, 200);
  const auto seen = server.requests().at(0);
  EXPECT_TRUE(AsBytes(seen.body).size() == body.size() && std::ranges::equal(AsBytes(seen.body), body));
  EXPECT_EQ(seen.headers.at("x-mine"), "yes");
  EXPECT_FALSE(seen.headers.contains("expect"));
  EXPECT_FALSE(seen.headers.contains("transfer-encoding"));
}

TEST_F(HttpClientTest, AnEmptyBodySaysSo) {
  FaultProxy server({FaultProxy::Answer(200, "")});
  HttpClient client(options_);
  client.Send({.method = "PUT", .url = server.endpoint() + "/x"}, {});
  EXPECT_EQ(server.requests().at(0).headers.at("content-length"), "0");
}

TEST_F(HttpClientTest, TheTargetGoesOutAsItIs) {
  FaultProxy server({FaultProxy::Answer(200, "")});
  HttpClient client(options_);
  client.Send(Get(server, "/a/../b/./%2e%2F//c?x=&y=1&x=%20"), {});
  EXPECT_EQ(server.requests().at(0).target, "/a/../b/./%2e%2F//c?x=&y=1&x=%20");
}

TEST_F(HttpClientTest, AConnectionIsUsedAgain) {
  FaultProxy server([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "x"); });
  HttpClient client(options_);
  for (int i = 0; i < 20; ++i) client.Send(Get(server), {});
  client.Send({.method = "PUT", .url = server.endpoint() + "/x", .body = AsBytes("y"), .response_limit = 9}, {});
  client.Send({.method = "DELETE", .url = server.endpoint() + "/x", .response_limit = 9}, {});
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, AKeptConnectionThatDiedIsReplacedAndTheBodySentAgain) {
  FaultProxy server([](const FaultProxy::Request& request) {
    auto action = FaultProxy::Reply(200, request.body);
    if (request.number == 1) action.cut_after = action.answer.size();  // answers well, then closes
    return action;
  });
  HttpClient client(options_);
  const HttpRequest request{
      .method = "PUT", .url = server.endpoint() + "/x", .body = AsBytes("body"), .response_limit = 9};
  client.Send(request, {});
  EXPECT_EQ(Text(client.Send(request, {})), "body");
}

TEST_F(HttpClientTest, AServerThatSendsHeadAndBodyApartDoesNotWaitForDelayedAcknowledgements) {
  FaultProxy server([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "body"); }, {.apart = true});
  HttpClient client(options_);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) client.Send(Get(server), {});
  // 50 delayed acknowledgements are 2 s; without them it is a few milliseconds.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(HttpClientTest, NoMoreRequestsRunAtOnceThanConnectionsAreAllowed) {
  options_.max_connections = 3;
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  FaultProxy server([&](const FaultProxy::Request&) {
    const int now = ++running;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --running;
    return FaultProxy::Reply(200, "");
  });
  HttpClient client(options_);
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 5; ++j) client.Send(Get(server), {});
      });
    }
  }
  EXPECT_LE(most, 3);
  EXPECT_LE(server.connections(), 3);
  EXPECT_EQ(server.requests().size(), 40U);
}

TEST_F(HttpClientTest, ABodyAboveTheLimitIsCorrupt) {
  FaultProxy announced({FaultProxy::Answer(200, "0123456789")});
  EXPECT_EQ(Failure(Get(announced, "/", 9))->kind(), ErrorKind::kCorrupt);
  FaultProxy unannounced({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"});
  EXPECT_EQ(Failure(Get(unannounced, "/", 9))->kind(), ErrorKind::kCorrupt);
}

TEST_F(HttpClientTest, AnEndlessBodyIsNotReadToItsEnd) {
  FaultProxy server([](const FaultProxy::Request&) {
    return FaultProxy::Action{.answer = "HTTP/1.1 200 OK\r\n\r\n", .endless = std::string(10'000, 'x')};
  });
  EXPECT_EQ(Failure(Get(server, "/", 100'000))->kind(), ErrorKind::kCorrupt);
}

TEST_F(HttpClientTest, AnEndlessErrorBodyIsCutAndTheStatusKept) {
  FaultProxy server([](const FaultProxy::Request&) {
    return FaultProxy::Action{.answer = "HTTP/1.1 503 No\r\n\r\n", .endless = std::string(10'000, 'x')};
  });
  HttpClient client(options_);
  const HttpResponse response = client.Send(Get(server, "/", 10), {});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body.size(), 64U * 1024);
}

TEST_F(HttpClientTest, EndlessHeadersAreCorrupt) {
  FaultProxy server([](const FaultProxy::Request&) {
    return FaultProxy::Action{.answer = "HTTP/1.1 200 OK\r\n", .endless = "x-more: and more\r\n"};
  });
  EXPECT_EQ(Failure(Get(server))->kind(), ErrorKind::kCorrupt);
}

TEST_F(HttpClientTest, ABodyCutShortIsTransient) {
  FaultProxy server([](const FaultProxy::Request&) {
    auto action = FaultProxy::Reply(200, std::string(500, 'x'));
    action.cut_after = 300;
    return action;
  });
  EXPECT_EQ(Failure(Get(server))->kind(), ErrorKind::kTransient);
}

TEST_F(HttpClientTest, AnAnswerThatNeverComesIsTransient) {
  FaultProxy dropping(std::vector<std::string>{});
  const auto failure = Failure(Get(dropping));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kTransient);
  EXPECT_THAT(failure->what(), HasSubstr(dropping.endpoint()));
}

TEST_F(HttpClientTest, ASilentServerIsGivenUpAfterTheStallTimeout) {
  options_.stall_timeout = std::chrono::seconds(1);
  FaultProxy silent([](const FaultProxy::Request&) { return FaultProxy::Action{.silent = true}; });
  EXPECT_EQ(Failure(Get(silent))->kind(), ErrorKind::kTransient);
}

TEST_F(HttpClientTest, BodiesHoldToTheLimitOfTheirDirection) {
  test::ManualClock up_clock{TimePoint()};
  test::ManualClock down_clock{TimePoint()};
  options_.upload = std::make_shared<Bandwidth>(up_clock, [](TimePoint) { return 1'000'000; });
  options_.download = std::make_shared<Bandwidth>(down_clock, [](TimePoint) { return 500'000; });
  FaultProxy server([](const FaultProxy::Request& request) { return FaultProxy::Reply(200, request.body); });
  HttpClient client(options_);
  const std::string body(2'000'000, 'x');
  const HttpResponse response = client.Send(
      {.method = "PUT", .url = server.endpoint() + "/x", .body = AsBytes(body), .response_limit = 2'000'000}, {});
  EXPECT_EQ(Text(response), body);
  EXPECT_EQ(server.requests().at(0).body, body);
  const auto seconds = [](Duration time) { return std::chrono::duration<double>(time).count(); };
  EXPECT_NEAR(seconds(up_clock.slept()), 2, 0.3);
  EXPECT_NEAR(seconds(down_clock.slept()), 4, 0.3);
}

TEST_F(HttpClientTest, WaitingForALimitIsNoStall) {
  options_.stall_timeout = std::chrono::seconds(1);
  options_.upload = std::make_shared<Bandwidth>(SystemClock(), [](TimePoint) { return 10'000; });
  FaultProxy server({FaultProxy::Answer(200, "")});
  const Bytes body(25'000, 'x');
  EXPECT_FALSE(Failure({.method = "PUT", .url = server.endpoint() + "/x", .body = body}));
}

TEST_F(HttpClientTest, AStopEndsTheWaitForALimit) {
  std::stop_source stop;
  options_.download = std::make_shared<Bandwidth>(SystemClock(), [&](TimePoint) {
    stop.request_stop();  // once the body has come
    return 10'000;
  });
  FaultProxy server({FaultProxy::Answer(200, std::string(900'000, 'x'))});
  EXPECT_EQ(Failure(Get(server, "/", 900'000), stop.get_token())->kind(), ErrorKind::kCancelled);
}

TEST_F(HttpClientTest, AStopEndsARequestUnderWayAtOnce) {
  std::stop_source stop;
  FaultProxy silent([&](const FaultProxy::Request&) {
    stop.request_stop();  // once the request has arrived
    return FaultProxy::Action{.silent = true};
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Failure(Get(silent), stop.get_token())->kind(), ErrorKind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900))
      << "libcurl alone looks once a second";
}

TEST_F(HttpClientTest, AStopEndsTheWaitForAConnection) {
  options_.max_connections = 1;
  std::stop_source first;
  std::stop_source second;
  FaultProxy silent([&](const FaultProxy::Request&) {
    second.request_stop();
    return FaultProxy::Action{.silent = true};
  });
  HttpClient client(options_);
  std::jthread occupying([&] { EXPECT_THROW(client.Send(Get(silent), first.get_token()), Error); });
  while (silent.requests().empty()) std::this_thread::yield();
  EXPECT_THROW(client.Send(Get(silent), second.get_token()), Error);
  first.request_stop();
}

TEST_F(HttpClientTest, NobodyThereIsTransientWithAHint) {
  int port = 0;
  {
    const FaultProxy gone(std::vector<std::string>{});
    port = std::stoi(gone.endpoint().substr(gone.endpoint().rfind(':') + 1));
  }
  const auto failure = Failure({.method = "GET", .url = "http://127.0.0.1:" + std::to_string(port) + "/"});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kTransient);
  EXPECT_THAT(failure->hint(), HasSubstr("port"));
}

TEST_F(HttpClientTest, AHostWithoutAnAddressIsTransientEachTime) {
  HttpClient client(options_);
  for (int i = 0; i < 3; ++i) {
    try {
      client.Send({.method = "PUT", .url = "http://nowhere.invalid/", .body = AsBytes("x")}, {});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kTransient) << error.what();
      EXPECT_THAT(error.what(), HasSubstr("nowhere.invalid"));
      EXPECT_THAT(error.hint(), HasSubstr("name"));
    }
  }
}

TEST_F(HttpClientTest, OtherSchemesAreRefused) {
  EXPECT_EQ(Failure({.method = "GET", .url = "file:///etc/passwd"})->kind(), ErrorKind::kUsage);
}

TEST_F(HttpClientTest, RedirectsAreAnswersLikeAnyOther) {
  FaultProxy server({FaultProxy::Answer(301, "", "Location: http://127.0.0.1:1/\r\n")});
  HttpClient client(options_);
  EXPECT_EQ(client.Send(Get(server), {}).status, 301);
}

TEST_F(HttpClientTest, ProxiesOfTheEnvironmentAreIgnored) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);  // NOLINT(concurrency-mt-unsafe)
  FaultProxy server({FaultProxy::Answer(200, "direct")});
  HttpClient client(options_);
  EXPECT_EQ(Text(client.Send(Get(server), {})), "direct");
  unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
}

class HttpsClientTest : public HttpClientTest {
 protected:
  HttpsClientTest()
      : server_([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "safe"); }, {.tls = true}) {}

  test::TemporaryFolder folder_;
  FaultProxy server_;
};

TEST_F(HttpsClientTest, ACaFileMakesItsServersTrusted) {
  options_.ca_file = folder_.File("ca.pem");
  std::ofstream(options_.ca_file) << server_.authority();
  HttpClient client(options_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Text(client.Send(Get(server_), {})), "safe");
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(HttpsClientTest, AnUnknownAuthorityIsPermanentWithAHint) {
  const auto failure = Failure(Get(server_));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kPermanent);
  EXPECT_THAT(failure->hint(), HasSubstr("CA file"));
}

TEST_F(HttpsClientTest, ACertificateOfAnotherHostIsPermanent) {
  options_.ca_file = folder_.File("ca.pem");
  std::ofstream(options_.ca_file) << server_.authority();
  HttpRequest request = Get(server_);
  request.url.replace(request.url.find("localhost"), 9, "127.0.0.1");
  EXPECT_EQ(Failure(request)->kind(), ErrorKind::kPermanent);
}

TEST_F(HttpsClientTest, AMissingCaFileIsPermanent) {
  options_.ca_file = folder_.File("missing.pem");
  EXPECT_EQ(Failure(Get(server_))->kind(), ErrorKind::kPermanent);
}

TEST_F(HttpsClientTest, TlsToAPlainPortIsPermanentWithAHint) {
  const FaultProxy plain(std::vector<std::string>{});
  HttpRequest request = Get(plain);
  request.url.replace(0, 4, "https");
  const auto failure = Failure(request);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kPermanent) << failure->what();
  EXPECT_THAT(failure->hint(), HasSubstr("http://"));
}

TEST(HttpDateTest, IsReadInItsUsualSpelling) {
  EXPECT_EQ(ParseHttpDate("Tue, 24 Nov 2026 08:19:23 GMT"), ParseTime("2026-11-24T08:19:23Z"));
  EXPECT_EQ(ParseHttpDate("soon"), std::nullopt);
  EXPECT_EQ(ParseHttpDate(""), std::nullopt);
}

TEST(RetryAfterTest, IsSecondsOrADate) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const TimePoint now = *ParseTime("2026-11-24T08:19:23Z");
  EXPECT_EQ(ParseRetryAfter("3", now), milliseconds(seconds(3)));
  EXPECT_EQ(ParseRetryAfter("0", now), milliseconds(0));
  EXPECT_EQ(ParseRetryAfter("Tue, 24 Nov 2026 08:19:33 GMT", now), milliseconds(seconds(10)));
  EXPECT_EQ(ParseRetryAfter("Tue, 24 Nov 2026 08:19:13 GMT", now), milliseconds(0)) << "a date gone by";
  EXPECT_EQ(ParseRetryAfter("99999999999", now), milliseconds(std::chrono::hours(24)));
  EXPECT_EQ(ParseRetryAfter("-1", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("later", now), std::nullopt);
}

}  // namespace
}  // namespace cofre::io
