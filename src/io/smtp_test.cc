#include "io/smtp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/support/expect_error.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/servers.h"

namespace cofre::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

Mail Hello() {
  return {.from = "cofre@example.com",
          .to = {"ana@example.com"},
          .subject = "Respaldo fallido",
          .text = "línea uno\n.\n",
          .date = ParseTime("2026-11-24T06:05:09.5Z").value(),
          .message_id = "1.2@host"};
}

TEST(MailTextTest, TheHeadersAreThoseOfTheStandard) {
  EXPECT_THAT(FormatMail(Hello()),
              testing::StartsWith("Date: Tue, 24 Nov 2026 06:05:09 +0000\r\nFrom: cofre@example.com\r\n"
                                  "To: ana@example.com\r\nSubject: Respaldo fallido\r\nMessage-ID: <1.2@host>\r\n"));
}

TEST(MailTextTest, TheTextComesBackWithNetworkLineEnds) {
  const std::string message = FormatMail(Hello());
  const std::string body(Trimmed(message.substr(message.find("\r\n\r\n"))));
  EXPECT_EQ(AsText(Base64Decode(body).value()), "línea uno\r\n.\r\n");
}

TEST(MailTextTest, ASubjectWithAccentsIsEncodedInPiecesOfWholeCharacters) {
  Mail mail = Hello();
  mail.subject = "Fallo de la Ferretería Peña y de otras muchas empresas del año 2026: ñññññññññññ";
  const std::string message = FormatMail(mail);
  const size_t begin = message.find("Subject: ") + 9;
  std::string rest = message.substr(begin, message.find("\r\nMessage-ID") - begin);
  std::string decoded;
  while (!rest.empty()) {
    const size_t end = rest.find("?=");
    ASSERT_TRUE(rest.starts_with("=?UTF-8?B?")) << rest;
    ASSERT_LE(end, 73U);
    decoded += AsText(Base64Decode(rest.substr(10, end - 10)).value());
    rest.erase(0, end + 2);
    if (rest.starts_with("\r\n ")) rest.erase(0, 3);
  }
  EXPECT_EQ(decoded, mail.subject);
}

TEST(MailTextTest, NothingInASubjectCanAddAHeader) {
  Mail mail = Hello();
  mail.subject = "x\r\nBcc: all@example.com\r\n\r\nbody";
  EXPECT_THAT(FormatMail(mail),
              AllOf(HasSubstr("Subject: x  Bcc: all@example.com    body\r\nMessage-ID"), Not(HasSubstr("\nBcc"))));
}

TEST(MailTextTest, AnAddressIsOneThatCannotBeMistaken) {
  EXPECT_TRUE(IsMailAddress("a.b+c@example.com"));
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b\r\nX: y", "-oQ@b", "a@b,c@d", "ñ@b"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
}

class SmtpTest : public testing::Test {
 protected:
  void SetUp() override { COFRE_REQUIRE_SERVER("COFRE_TEST_SMTP"); }

  static SmtpServer Server(const std::string& variable = "COFRE_TEST_SMTP") {
    const std::string place = test::Setting(variable.c_str());
    const size_t colon = place.find(':');
    return {.host = place.substr(0, colon),
            .port = static_cast<uint16_t>(std::stoi(place.substr(colon + 1))),
            .security = variable == "COFRE_TEST_SMTP" ? SmtpSecurity::kStartTls : SmtpSecurity::kTls,
            .user = test::Setting("COFRE_TEST_SMTP_USER"),
            .password = ReadSecretFile(test::Setting("COFRE_TEST_SMTP_PASSWORD_FILE")),
            .ca_file = test::Setting("COFRE_TEST_SMTP_CA")};
  }

  // What has come in for that address, "" for nothing.
  static std::string Received(const std::string& address) {
    for (const auto& entry : std::filesystem::directory_iterator(test::Setting("COFRE_TEST_SMTP_FOLDER"))) {
      const std::string message = ReadFile(entry.path(), 1 << 20);
      if (message.find("X-Envelope-To: " + address + "\r\n") != std::string::npos) return message;
    }
    return "";
  }

  static Mail MailTo(const std::string& address) {
    Mail mail = Hello();
    mail.to = {address};
    return mail;
  }
};

TEST_F(SmtpTest, AMailArrivesAfterStartTlsAndLogin) {
  SendMail(Server(), MailTo("starttls@example.com"), {});
  EXPECT_THAT(Received("starttls@example.com"),
              AllOf(HasSubstr("X-Envelope-From: cofre@example.com"), HasSubstr("Subject: Respaldo fallido")));
}

TEST_F(SmtpTest, AMailArrivesOverTlsFromTheFirstByteToEveryReceiver) {
  Mail mail = MailTo("tls@example.com");
  mail.to.emplace_back("second@example.com");
  SendMail(Server("COFRE_TEST_SMTP_TLS"), mail, {});
  EXPECT_NE(Received("tls@example.com"), "");
  EXPECT_EQ(Received("tls@example.com"), Received("second@example.com"));
}

TEST_F(SmtpTest, AWrongPasswordIsAuthAndStandsInNoMessage) {
  SmtpServer server = Server();
  server.password = Secret("not-the-password");
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kAuth,
               AllOf(HasSubstr(server.host), Not(HasSubstr("not-the-password"))));
}

TEST_F(SmtpTest, ACertificateOfAnUnknownAuthorityIsRefused) {
  SmtpServer server = Server();
  server.ca_file.clear();
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kPermanent, HasSubstr("certificate"));
}

TEST_F(SmtpTest, ACertificateForAnotherHostIsRefused) {
  SmtpServer server = Server();
  server.host = "127.0.0.1";
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kPermanent, HasSubstr("127.0.0.1"));
}

TEST_F(SmtpTest, TlsOnTheWrongPortIsSaidSo) {
  SmtpServer server = Server();
  server.security = SmtpSecurity::kTls;
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kPermanent, HasSubstr("SSL"));
}

TEST_F(SmtpTest, APasswordIsNotSentWithoutTls) {
  SmtpServer server = Server();
  server.security = SmtpSecurity::kNone;
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kUsage, HasSubstr("without TLS"));
}

TEST_F(SmtpTest, ARefusedReceiverIsPermanentAndABusyOneTransient) {
  EXPECT_ERROR(SendMail(Server(), MailTo("nobody@example.com"), {}), ErrorKind::kPermanent, HasSubstr("550"));
  EXPECT_ERROR(SendMail(Server(), MailTo("busy@example.com"), {}), ErrorKind::kTransient, HasSubstr("451"));
}

SmtpServer At(const test::FaultProxy& proxy) {
  const std::string endpoint = proxy.endpoint();
  return {.host = "127.0.0.1",
          .port = static_cast<uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))),
          .security = SmtpSecurity::kNone};
}

TEST(SmtpFailureTest, AServerThatIsDownIsTransient) {
  SmtpServer server;
  {
    const test::FaultProxy gone(std::vector<std::string>{});
    server = At(gone);
  }
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kTransient, HasSubstr("127.0.0.1"));
}

TEST(SmtpFailureTest, AServerThatNeverSpeaksIsGivenUp) {
  const test::FaultProxy silent(std::vector<std::string>{});  // HTTP waits for the other side to begin
  SmtpServer server = At(silent);
  server.total_timeout = 200ms;
  EXPECT_ERROR(SendMail(server, Hello(), {}), ErrorKind::kTransient, HasSubstr("timed out"));
}

TEST(SmtpFailureTest, AStopEndsItAtOnce) {
  const test::FaultProxy silent(std::vector<std::string>{});
  std::stop_source stop;
  std::jthread stopper([&] {
    while (silent.connections() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_ERROR(SendMail(At(silent), Hello(), stop.get_token()), ErrorKind::kCancelled, "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(SmtpFailureTest, AddressesAndHostsThatCouldSaySomethingElseAreRefused) {
  Mail mail = Hello();
  mail.to = {"a@b>\r\nRCPT TO:<c@d"};
  EXPECT_ERROR(SendMail({.host = "localhost"}, mail, {}), ErrorKind::kUsage, HasSubstr("not a mail address"));
  EXPECT_ERROR(SendMail({.host = "user:secret@host"}, Hello(), {}), ErrorKind::kUsage, HasSubstr("not a host"));
}

}  // namespace
}  // namespace cofre::io
