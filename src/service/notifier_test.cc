#include "service/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/file.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using test::FaultProxy;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

Event Failed(const std::string& company = "900869750") {
  return BackupFailed(company, "Peña", 2026, "srv1", "disk full");
}
Event Done(const std::string& company = "900869750") { return BackupDone(company, "Peña", 2026, "srv1"); }

FaultProxy::Action Take(const FaultProxy::Request&) { return FaultProxy::Reply(200, "ok"); }

class NotifierTest : public testing::Test {
 protected:
  NotifyConfig ConfigFor(const FaultProxy& proxy) {
    NotifyConfig config;
    config.gather = 0s;
    config.answer = 1s;
    config.webhooks.push_back(
        {.name = "1", .url = {.url = proxy.endpoint() + "/hook"}, .topics = {std::begin(kTopics), std::end(kTopics)}});
    return config;
  }

  // All titles that came in, in order.
  static std::vector<std::string> Titles(const FaultProxy& proxy) {
    std::vector<std::string> titles;
    for (const auto& request : proxy.requests()) {
      const auto body = nlohmann::json::parse(request.body);
      for (const auto& notice : body.at("avisos")) titles.push_back(notice.at("titulo"));
    }
    return titles;
  }

  void WriteSecret(const std::string& name, const std::string& content) {
    WriteFileAtomically(folder_.File(name), AsBytes(content), 0600);
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<catalogue::Catalogue> catalogue_ = catalogue::Catalogue::OpenOrCreate(folder_.File("c.db"));
};

TEST_F(NotifierTest, AFailureIsSentOnceAndItsEndOnce) {
  FaultProxy proxy(Take);
  Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
  for (int i = 0; i < 3; ++i) notifier.Notify(Failed());
  for (int i = 0; i < 3; ++i) notifier.Notify(Done());
  notifier.Flush(10s);
  EXPECT_THAT(Titles(proxy),
              ElementsAre("Backup failed: Peña (900869750) 2026", "Backup works again: Peña (900869750) 2026"));
}

TEST_F(NotifierTest, ARestartRepeatsNothing) {
  FaultProxy proxy(Take);
  for (int i = 0; i < 3; ++i) {
    Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
    notifier.Notify(Failed());
    notifier.Flush(10s);
  }
  EXPECT_EQ(Titles(proxy).size(), 1U);
}

TEST_F(NotifierTest, WhatWasNotTakenIsSentAfterARestart) {
  FaultProxy refuses([](const FaultProxy::Request&) { return FaultProxy::Reply(503, ""); });
  {
    Notifier notifier(ConfigFor(refuses), *catalogue_, SystemClock());
    notifier.Notify(Failed());
    notifier.Flush(10s);
  }
  EXPECT_THAT(refuses.requests(), Not(IsEmpty()));
  FaultProxy takes(Take);
  Notifier notifier(ConfigFor(takes), *catalogue_, SystemClock());
  notifier.Flush(10s);
  EXPECT_EQ(Titles(takes).size(), 1U);
  EXPECT_EQ(catalogue_->CountNotices("webhook 1"), 0U);
}

TEST_F(NotifierTest, WhatComesTogetherGoesTogether) {
  FaultProxy proxy(Take);
  NotifyConfig config = ConfigFor(proxy);
  config.gather = 3600s;
  Notifier notifier(config, *catalogue_, SystemClock());
  for (int i = 0; i < 80; ++i) notifier.Notify(Failed(std::to_string(900'000'000 + i)));
  EXPECT_THAT(proxy.requests(), IsEmpty());
  notifier.Flush(10s);
  EXPECT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(Titles(proxy).size(), 80U);
}

TEST_F(NotifierTest, AWebhookThatNeverAnswersHoldsUpNobody) {
  FaultProxy silent([](const FaultProxy::Request&) { return FaultProxy::Action{.silent = true}; });
  FaultProxy good(Take);
  NotifyConfig config = ConfigFor(silent);
  config.answer = 3600s;
  config.webhooks.push_back(ConfigFor(good).webhooks.front());
  config.webhooks.back().name = "2";
  const auto begin = std::chrono::steady_clock::now();
  {
    Notifier notifier(config, *catalogue_, SystemClock());
    for (int i = 0; i < 20; ++i) notifier.Notify(Failed(std::to_string(900'000'000 + i)));
    while (Titles(good).size() < 20) std::this_thread::yield();
    while (silent.requests().empty()) std::this_thread::yield();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  EXPECT_EQ(catalogue_->CountNotices("webhook 1"), 20U);
}

TEST_F(NotifierTest, AnAnswerThatNeverEndsIsGivenUp) {
  FaultProxy slow([](const FaultProxy::Request&) {
    return FaultProxy::Action{.answer = "HTTP/1.1 200 OK\r\n\r\n", .endless = "x"};
  });
  Notifier notifier(ConfigFor(slow), *catalogue_, SystemClock());
  notifier.Notify(Failed());
  const auto begin = std::chrono::steady_clock::now();
  notifier.Flush(30s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST_F(NotifierTest, WhileAnotherProcessSendsNothingIsSentTwice) {
  FaultProxy proxy(Take);
  // Of a host that nobody can ask.
  const auto now = SystemClock().Now();
  catalogue_->TakeLease("alerts to webhook 1", "other/boot:1/1/1", now, now + 1h,
                        [](const std::string&) { return true; });
  Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Flush(10s);
  EXPECT_THAT(proxy.requests(), IsEmpty());
  catalogue_->ReleaseLease("alerts to webhook 1", "other/boot:1/1/1");
  notifier.Flush(10s);
  EXPECT_EQ(Titles(proxy).size(), 1U);
}

TEST_F(NotifierTest, OnlyTheTopicsThatAReceiverWantsAreSent) {
  FaultProxy proxy(Take);
  NotifyConfig config = ConfigFor(proxy);
  config.webhooks.front().topics = {Topic::kServer};
  Notifier notifier(config, *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Notify(ServerDown("srv1", "no answer"));
  notifier.Flush(10s);
  EXPECT_THAT(Titles(proxy), ElementsAre("Server down: srv1"));
  EXPECT_EQ(catalogue_->ListAlerts().size(), 2U);
}

TEST_F(NotifierTest, OnceAServerIsDownItsBackupsAreNotToldOneByOne) {
  FaultProxy proxy(Take);
  Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
  notifier.Notify(ServerDown("srv1", "no answer"));
  for (int i = 0; i < 80; ++i) notifier.Notify(Failed(std::to_string(900'000'000 + i)));
  notifier.Notify(ServerUp("srv1"));
  for (int i = 0; i < 79; ++i) notifier.Notify(Done(std::to_string(900'000'000 + i)));
  notifier.Notify(Failed("900000079"));
  notifier.Flush(10s);
  EXPECT_THAT(Titles(proxy),
              ElementsAre("Server down: srv1", "Server is back: srv1", "Backup failed: Peña (900000079) 2026"));
}

TEST_F(NotifierTest, AGoodBackupAlsoEndsItsLatenessAndThatIsOneMessage) {
  FaultProxy proxy(Take);
  Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Notify(BackupLate("900869750", "Peña", 2026, "srv1", 30h));
  notifier.Notify(Done());
  EXPECT_THAT(catalogue_->ListAlerts(), IsEmpty());
  notifier.Notify(BackupLate("900869750", "Peña", 2026, "srv1", 30h));
  notifier.Notify(Done());
  notifier.Flush(10s);
  EXPECT_EQ(Titles(proxy).size(), 5U);
}

TEST_F(NotifierTest, TheQueueIsBoundedAndTheOldestGo) {
  FaultProxy proxy(Take);
  NotifyConfig config = ConfigFor(proxy);
  config.gather = 3600s;
  Notifier notifier(config, *catalogue_, SystemClock());
  for (int i = 0; i < 1003; ++i) notifier.Notify(Failed(std::to_string(900'000'000 + i)));
  EXPECT_EQ(catalogue_->CountNotices("webhook 1"), 1000U);
  EXPECT_THAT(catalogue_->ListNotices("webhook 1", 1).front().content, HasSubstr("900000003"));
}

TEST_F(NotifierTest, AChatGetsATextAndATokenGoesIntoItsHeader) {
  FaultProxy proxy(Take);
  NotifyConfig config = ConfigFor(proxy);
  WriteSecret("token", "s3cret\n");
  WriteSecret("url", proxy.endpoint() + "/services/T0/B0/ZZZ\n");
  config.webhooks.front().format = WebhookFormat::kChat;
  config.webhooks.front().token_file = folder_.File("token");
  config.webhooks.front().url = {.file = folder_.File("url")};
  Notifier notifier(config, *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Flush(10s);
  ASSERT_EQ(proxy.requests().size(), 1U);
  const auto request = proxy.requests().front();
  EXPECT_EQ(request.target, "/services/T0/B0/ZZZ");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer s3cret");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  const auto body = nlohmann::json::parse(request.body);
  EXPECT_EQ(body.size(), 1U);
  EXPECT_THAT(body.at("text").get<std::string>(), HasSubstr("Backup failed: Peña (900869750) 2026"));
}

TEST_F(NotifierTest, TheUrlAndTheTokenStandInNoLog) {
  FaultProxy proxy([](const FaultProxy::Request&) { return FaultProxy::Reply(401, "who are you?"); });
  NotifyConfig config = ConfigFor(proxy);
  WriteSecret("token", "s3cret");
  config.webhooks.front().url.url = proxy.endpoint() + "/services/HUSH?key=HUSH";
  config.webhooks.front().token_file = folder_.File("token");
  testing::internal::CaptureStderr();
  {
    Notifier notifier(config, *catalogue_, SystemClock());
    notifier.Notify(Failed());
    notifier.Flush(10s);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), AllOf(HasSubstr("alerts_not_sent"), HasSubstr(proxy.endpoint()),
                                                            Not(HasSubstr("HUSH")), Not(HasSubstr("s3cret"))));
}

TEST_F(NotifierTest, ACatalogueThatFailsIsLoggedAndThrowsNothing) {
  FaultProxy proxy(Take);
  Notifier notifier(ConfigFor(proxy), *catalogue_, SystemClock());
  catalogue::Transaction outer(*catalogue_);
  try {
    catalogue::Transaction inner(*catalogue_);  // given up: the outer one can't commit any more
    throw std::runtime_error("x");
  } catch (const std::runtime_error&) {
  }
  testing::internal::CaptureStderr();
  notifier.Notify(Failed());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("alert_not_kept"));
}

TEST_F(NotifierTest, TheHeartbeatBeatsOnlyWhileTheDaemonDoes) {
  FaultProxy proxy(Take);
  NotifyConfig config;
  config.answer = 1s;
  config.heartbeat = {.url = {.url = proxy.endpoint() + "/ping"}, .every = 3600s};
  Notifier notifier(config, *catalogue_, SystemClock());
  EXPECT_THAT(proxy.requests(), IsEmpty());
  for (int i = 0; i < 10; ++i) notifier.Beat();
  while (proxy.requests().empty()) std::this_thread::yield();
  for (int i = 0; i < 10; ++i) notifier.Beat();
  EXPECT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests().front().method, "GET");
  EXPECT_EQ(proxy.requests().front().target, "/ping");
}

TEST_F(NotifierTest, ATrialSaysOfEachReceiverHowItWent) {
  FaultProxy good(Take);
  FaultProxy bad([](const FaultProxy::Request&) { return FaultProxy::Reply(404, ""); });
  NotifyConfig config = ConfigFor(good);
  config.webhooks.push_back(ConfigFor(bad).webhooks.front());
  config.webhooks.back().name = "2";
  config.heartbeat = {.url = {.file = folder_.File("missing")}};
  const auto trials = TryReceivers(config, SystemClock(), {});
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_EQ(trials[0].receiver, "webhook 1");
  EXPECT_EQ(trials[0].error, "");
  EXPECT_THAT(trials[1].error, HasSubstr("HTTP status 404"));
  EXPECT_EQ(trials[2].receiver, "latido");
  EXPECT_THAT(trials[2].error, HasSubstr("missing"));
}

// With a real mail server.
class NotifierMailTest : public NotifierTest {
 protected:
  void SetUp() override { COFRE_REQUIRE_SERVER("COFRE_TEST_SMTP"); }

  static NotifyConfig MailTo(const std::string& address) {
    const std::string place = test::Setting("COFRE_TEST_SMTP");
    NotifyConfig config;
    config.gather = 0s;
    config.answer = 10s;
    config.time_zone = "America/Bogota";
    config.mail = MailConfig{.host = place.substr(0, place.find(':')),
                             .port = static_cast<uint16_t>(std::stoi(place.substr(place.find(':') + 1))),
                             .user = test::Setting("COFRE_TEST_SMTP_USER"),
                             .password_file = test::Setting("COFRE_TEST_SMTP_PASSWORD_FILE"),
                             .ca_file = test::Setting("COFRE_TEST_SMTP_CA"),
                             .from = "cofre@example.com",
                             .to = {address},
                             .topics = {std::begin(kTopics), std::end(kTopics)}};
    return config;
  }

  // An address of this process: other trees' tests send to the same server.
  static std::string Own(const std::string& name) { return name + std::to_string(getpid()) + "@example.com"; }

  static int CountMailsTo(const std::string& address) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test::Setting("COFRE_TEST_SMTP_FOLDER"))) {
      count += ReadFile(entry.path(), 1 << 20).find("X-Envelope-To: " + address + "\r\n") != std::string::npos ? 1 : 0;
    }
    return count;
  }
};

TEST_F(NotifierMailTest, AMailArrives) {
  Notifier notifier(MailTo(Own("arrives")), *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Flush(20s);
  EXPECT_EQ(CountMailsTo(Own("arrives")), 1);
}

TEST_F(NotifierMailTest, AServerThatWasDownGetsTheMailLater) {
  NotifyConfig down = MailTo(Own("later"));
  down.mail->port = 1;
  testing::internal::CaptureStderr();
  {
    Notifier notifier(down, *catalogue_, SystemClock());
    notifier.Notify(Failed());
    notifier.Flush(20s);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("alerts_not_sent receiver=correo messages=1"));
  Notifier notifier(MailTo(Own("later")), *catalogue_, SystemClock());
  notifier.Flush(20s);
  EXPECT_EQ(CountMailsTo(Own("later")), 1);
}

TEST_F(NotifierMailTest, APasswordThatIsMendedIsReadAnew) {
  NotifyConfig config = MailTo(Own("mended"));
  config.mail->password_file = folder_.File("password");
  WriteSecret("password", "wrong-one");
  testing::internal::CaptureStderr();
  Notifier notifier(config, *catalogue_, SystemClock());
  notifier.Notify(Failed());
  notifier.Flush(20s);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), AllOf(HasSubstr("alerts_not_sent"), Not(HasSubstr("wrong-one"))));
  WriteSecret("password", ReadSecretFile(test::Setting("COFRE_TEST_SMTP_PASSWORD_FILE")).Reveal());
  notifier.Flush(20s);
  EXPECT_EQ(CountMailsTo(Own("mended")), 1);
}

}  // namespace
}  // namespace cofre::service
