#include "api/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/support/expect_error.h"
#include "tests/support/raw_client.h"

namespace cofre::api {
namespace {

using test::BodyOf;
using test::Exchange;
using test::GetRequest;
using test::RawClient;
using test::StatusOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

Response Echo(const Request& request) {
  std::string body = std::string(MethodName(request.method)) + " " + request.path + " " + request.body;
  for (const auto& [name, value] : request.query) body += " " + name + "=" + value;
  return {.headers = {{"X-From", request.address}}, .type = "text/plain", .body = body};
}

ServerOptions Options() { return {.listen = "127.0.0.1:0"}; }

TEST(HttpServerTest, ARequestIsAnswered) {
  const HttpServer server(Options(), Echo);
  const std::string answer = Exchange(server.port(), GetRequest("/a%20b?c=d+e&f=g"));
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(BodyOf(answer), "GET /a b  c=d e f=g");
  EXPECT_THAT(answer, HasSubstr("X-From: 127.0.0.1\r\n"));
}

TEST(HttpServerTest, AConnectionIsUsedAgainAndPipelinedRequestsAreAnsweredInOrder) {
  const HttpServer server(Options(), Echo);
  RawClient client(server.port());
  client.Send("POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("GET /two"), HasSubstr("POST /one abc"));
  client.Send(GetRequest("/three"));
  EXPECT_THAT(client.ReadAll(), HasSubstr("GET /three"));
}

TEST(HttpServerTest, AHeadHasTheLengthAndNoBody) {
  const HttpServer server(Options(), Echo);
  const std::string answer = Exchange(server.port(), "HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_EQ(BodyOf(answer), "");
}

TEST(HttpServerTest, WhatIsNoRequestIsRefused) {
  const HttpServer server(Options(), Echo);
  const auto status = [&](const std::string& request) { return StatusOf(Exchange(server.port(), request)); };
  EXPECT_EQ(status("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/9.9\r\n\r\n"), 400);
  EXPECT_EQ(status("GET http://other/ HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status(GetRequest("/a%2Fb")), 400);
  EXPECT_EQ(status(GetRequest("/a%00b")), 400);
  EXPECT_EQ(status(GetRequest("/a%ff")), 400);
  EXPECT_EQ(status(GetRequest("/a%2")), 400);
  EXPECT_EQ(status(GetRequest("/?a=1&a=2")), 400);
  EXPECT_EQ(status("BREW / HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  EXPECT_EQ(status("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), 400);
  EXPECT_EQ(status("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 431);
  EXPECT_EQ(status(GetRequest("/", "X-Long: " + std::string(20'000, 'x') + "\r\n")), 431);
  EXPECT_EQ(status(GetRequest("/still-there")), 200);
}

TEST(HttpServerTest, ABodyIsBoundedBeforeItComes) {
  ServerOptions options = Options();
  options.body_bytes = 1000;
  const HttpServer server(options, Echo);
  const auto status = [&](const std::string& headers, const std::string& body) {
    return StatusOf(
        Exchange(server.port(), "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n" + body));
  };
  EXPECT_EQ(status("Content-Length: 1000\r\n", std::string(1000, 'x')), 200);
  EXPECT_EQ(status("Content-Length: 1001\r\n", ""), 413);
  EXPECT_EQ(status("Content-Length: 99999999999\r\n", ""), 413);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n", "7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n"), 413);
  EXPECT_EQ(status("Content-Length: 500000\r\n", std::string(500'000, 'x')), 413);
}

TEST(HttpServerTest, ABodyOfTheLargestSizeComesWhole) {
  const HttpServer server(Options(), [](const Request& request) {
    return Response{.type = "text/plain", .body = std::to_string(request.body.size())};
  });
  const std::string body(1 << 20, 'x');
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n" + body;
  EXPECT_EQ(BodyOf(Exchange(server.port(), request)), "1048576");
}

TEST(HttpServerTest, ASlowRequestIsEndedAndHoldsUpNobody) {
  ServerOptions options = Options();
  options.request_time = 300ms;
  options.threads = 1;
  const HttpServer server(options, Echo);
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) slow.emplace_back(server.port()).Send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\na");
  EXPECT_EQ(StatusOf(Exchange(server.port(), GetRequest("/"))), 200);
  for (RawClient& client : slow) EXPECT_EQ(client.ReadAll(5), "");
}

TEST(HttpServerTest, TooManyConnectionsAreClosedAndTheOthersServed) {
  ServerOptions options = Options();
  options.connections_per_address = 10;
  const HttpServer server(options, Echo);
  std::vector<RawClient> idle;
  for (int i = 0; i < 9; ++i) {
    idle.emplace_back(server.port()).Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(StatusOf(idle.back().ReadUntil("/a")), 200);
  }
  RawClient last(server.port());
  last.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(StatusOf(last.ReadUntil("/a")), 200);
  EXPECT_EQ(Exchange(server.port(), GetRequest("/b")), "");
  idle.front().Send(GetRequest("/c"));
  EXPECT_THAT(idle.front().ReadAll(), HasSubstr("GET /c"));
}

TEST(HttpServerTest, WhoWaitsTooLongInLineIsToldSo) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool open = false;
  ServerOptions options = Options();
  options.threads = 1;
  options.waiting = 0;
  const HttpServer server(options, [&](const Request& request) {
    std::unique_lock lock(mutex);
    ++inside;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    return Echo(request);
  });
  RawClient first(server.port());
  first.Send(GetRequest("/first"));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside == 1; });
  }
  const std::string refused = Exchange(server.port(), GetRequest("/second"));
  EXPECT_EQ(StatusOf(refused), 503);
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1"));
  {
    const std::lock_guard lock(mutex);
    open = true;
  }
  changed.notify_all();
  EXPECT_EQ(StatusOf(first.ReadAll()), 200);
}

TEST(HttpServerTest, OnlyATrustedProxySaysWhoAsks) {
  const std::string request = GetRequest("/", "X-Forwarded-For: 6.6.6.6, 10.1.2.3\r\n");
  const HttpServer open(Options(), Echo);
  EXPECT_THAT(Exchange(open.port(), request), HasSubstr("X-From: 127.0.0.1\r\n"));
  ServerOptions options = Options();
  options.proxies = {"127.0.0.1"};
  const HttpServer behind(options, Echo);
  EXPECT_THAT(Exchange(behind.port(), request), HasSubstr("X-From: 10.1.2.3\r\n"));
  EXPECT_THAT(Exchange(behind.port(), GetRequest("/", "X-Forwarded-For: <script>\r\n")),
              HasSubstr("X-From: 127.0.0.1\r\n"));
}

// Says a word whenever it is told to.
class Words : public Stream {
 public:
  explicit Words(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Words() override { --alive_; }

  std::optional<std::string> Take() override {
    const std::lock_guard lock(mutex_);
    if (over_) return std::nullopt;
    return std::exchange(text_, "");
  }
  void OnReady(std::function<void()> ready) override {
    const std::lock_guard lock(mutex_);
    ready_ = std::move(ready);
  }
  void Say(const std::string& text) {
    std::function<void()> ready;
    {
      const std::lock_guard lock(mutex_);
      text_ += text;
      over_ = text.empty();
      ready = ready_;
    }
    if (ready) ready();
  }

 private:
  std::atomic<int>& alive_;
  std::mutex mutex_;
  std::string text_ = "hello\n";
  bool over_ = false;
  std::function<void()> ready_;
};

TEST(HttpServerTest, AStreamIsSentAsItComesAndEndsWithEitherSide) {
  std::atomic<int> alive = 0;
  std::mutex mutex;
  std::vector<std::weak_ptr<Words>> streams;
  ServerOptions options = Options();
  options.heartbeat = 50ms;
  const HttpServer server(options, [&](const Request&) {
    const auto words = std::make_shared<Words>(alive);
    const std::lock_guard lock(mutex);
    streams.push_back(words);
    return Response{.type = "text/event-stream", .stream = words};
  });
  RawClient first(server.port());
  first.Send(GetRequest("/"));
  EXPECT_THAT(first.ReadUntil("hello\n"), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(first.ReadUntil(":\n\n"), HasSubstr(":\n\n"));
  {
    const std::lock_guard lock(mutex);
    streams.at(0).lock()->Say("more\n");
  }
  EXPECT_THAT(first.ReadUntil("more\n"), HasSubstr("more\n"));
  {
    RawClient second(server.port());
    second.Send(GetRequest("/"));
    second.ReadUntil("hello\n");
    EXPECT_EQ(alive, 2);
  }
  for (int i = 0; i < 500 && alive == 2; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(alive, 1);
  {
    const std::lock_guard lock(mutex);
    streams.at(0).lock()->Say("");
  }
  first.ReadAll();
  for (int i = 0; i < 500 && alive == 1; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(alive, 0);
}

TEST(HttpServerTest, ItEndsWhateverIsUnderWay) {
  std::unique_ptr<RawClient> client;
  std::atomic<int> alive = 0;
  {
    const HttpServer server(Options(), [&](const Request&) {
      return Response{.type = "text/event-stream", .stream = std::make_shared<Words>(alive)};
    });
    client = std::make_unique<RawClient>(server.port());
    client->Send(GetRequest("/"));
    client->ReadUntil("hello\n");
  }
  EXPECT_EQ(alive, 0);
}

TEST(HttpServerTest, APortThatIsTakenIsSaidSo) {
  const HttpServer first(Options(), Echo);
  const ServerOptions second{.listen = "127.0.0.1:" + std::to_string(first.port())};
  EXPECT_ERROR(HttpServer(second, Echo), ErrorKind::kPermanent, HasSubstr("cannot serve the API on"));
}

TEST(HttpServerTest, AnAddressIsOneOfAMachineAndAPort) {
  EXPECT_EQ(ParseListenAddress("[::1]:80").host, "::1");
  EXPECT_EQ(ParseListenAddress("0.0.0.0:80").port, 80);
  for (const char* bad : {"", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:8x", ":80"}) {
    EXPECT_ERROR(ParseListenAddress(bad), ErrorKind::kUsage, HasSubstr("is not an address and a port"));
  }
}

TEST(HttpServerTest, FilesThatAreNoCertificateAreRefused) {
  ServerOptions options = Options();
  options.certificate = options.private_key = "/etc/hostname";
  EXPECT_ERROR(HttpServer(options, Echo), ErrorKind::kUsage, HasSubstr("/etc/hostname is not a certificate"));
}

}  // namespace
}  // namespace cofre::api
