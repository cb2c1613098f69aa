#include "service/config_notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config_test_text.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

Config Parse(const std::string& lines) { return ParseText(kNeeded + lines); }
std::string Refusal(const std::string& lines) { return RefusalOf(kNeeded + lines); }

TEST(ConfigNotifyTest, NobodyIsToldUnlessItIsSaid) {
  const Config config = Parse("");
  EXPECT_FALSE(config.notify.mail);
  EXPECT_THAT(config.notify.webhooks, IsEmpty());
  EXPECT_FALSE(config.notify.heartbeat);
  EXPECT_EQ(config.notify.gather, 60s);
  EXPECT_EQ(config.notify.space.high, 80U);
  EXPECT_EQ(config.notify.space.full, 95U);
  EXPECT_EQ(config.notify.late_after, 26h);
  EXPECT_EQ(config.notify.late_after_closed, 35 * 24h);
  EXPECT_EQ(config.notify.summary, 7h);
  EXPECT_EQ(config.metrics.listen, "");
  EXPECT_FALSE(config.metrics.per_company);
}

TEST(ConfigNotifyTest, EveryKeyIsRead) {
  const Config config = Parse(R"(
[avisos]
agrupar_segundos = 5
espera_segundos = 3
espacio_alto_porcentaje = 70
espacio_lleno_porcentaje = 90
atraso_horas = 30
atraso_dias_cerrado = 40
hora_resumen = ""
[correo]
servidor = "smtp.example.com"
puerto = 2525
seguridad = "tls"
usuario = "cofre"
archivo_clave = "correo.clave"
archivo_ca = "/ca.pem"
de = "cofre@example.com"
para = ["ana@example.com", "luis@example.com"]
avisos = ["fallo", "resumen"]
[[webhook]]
url = "https://hooks.example.com/x"
[[webhook]]
nombre = "chat"
archivo_url = "chat.url"
formato = "chat"
archivo_token = "chat.token"
archivo_ca = "/ca.pem"
avisos = ["servidor"]
[latido]
url = "https://hc.example.com/ping"
cada_segundos = 300
archivo_ca = "/ca.pem"
[metricas]
escucha = "[::1]:9999"
por_empresa = true
)");
  const NotifyConfig& notify = config.notify;
  EXPECT_EQ(notify.gather, 5s);
  EXPECT_EQ(notify.answer, 3s);
  EXPECT_EQ(notify.space.high, 70U);
  EXPECT_EQ(notify.space.full, 90U);
  EXPECT_EQ(notify.late_after, 30h);
  EXPECT_EQ(notify.late_after_closed, 40 * 24h);
  EXPECT_EQ(notify.summary, std::nullopt);
  ASSERT_TRUE(notify.mail);
  EXPECT_EQ(notify.mail->host, "smtp.example.com");
  EXPECT_EQ(notify.mail->port, 2525);
  EXPECT_EQ(notify.mail->security, MailSecurity::kTls);
  EXPECT_EQ(notify.mail->user, "cofre");
  EXPECT_EQ(notify.mail->password_file, "/etc/cofre/correo.clave");
  EXPECT_EQ(notify.mail->ca_file, "/ca.pem");
  EXPECT_EQ(notify.mail->from, "cofre@example.com");
  EXPECT_THAT(notify.mail->to, ElementsAre("ana@example.com", "luis@example.com"));
  EXPECT_THAT(notify.mail->topics, ElementsAre(Topic::kBackup, Topic::kSummary));
  ASSERT_EQ(notify.webhooks.size(), 2U);
  EXPECT_EQ(notify.webhooks[0].name, "1");
  EXPECT_EQ(notify.webhooks[0].url.url, "https://hooks.example.com/x");
  EXPECT_EQ(notify.webhooks[0].format, WebhookFormat::kJson);
  EXPECT_EQ(notify.webhooks[0].topics.size(), std::size(kTopics));
  EXPECT_EQ(notify.webhooks[1].name, "chat");
  EXPECT_EQ(notify.webhooks[1].url.file, "/etc/cofre/chat.url");
  EXPECT_EQ(notify.webhooks[1].format, WebhookFormat::kChat);
  EXPECT_EQ(notify.webhooks[1].token_file, "/etc/cofre/chat.token");
  EXPECT_EQ(notify.webhooks[1].ca_file, "/ca.pem");
  EXPECT_THAT(notify.webhooks[1].topics, ElementsAre(Topic::kServer));
  ASSERT_TRUE(notify.heartbeat);
  EXPECT_EQ(notify.heartbeat->url.url, "https://hc.example.com/ping");
  EXPECT_EQ(notify.heartbeat->every, 300s);
  EXPECT_EQ(notify.heartbeat->ca_file, "/ca.pem");
  EXPECT_EQ(config.metrics.listen, "[::1]:9999");
  EXPECT_TRUE(config.metrics.per_company);
}

TEST(ConfigNotifyTest, ThePortFollowsTheSecurity) {
  const std::string rest = "servidor = \"h\"\nde = \"a@b\"\npara = [\"a@b\"]\n";
  EXPECT_EQ(Parse("[correo]\n" + rest).notify.mail->port, 587);
  EXPECT_EQ(Parse("[correo]\nseguridad = \"tls\"\n" + rest).notify.mail->port, 465);
  EXPECT_EQ(Parse("[correo]\nseguridad = \"ninguna\"\n" + rest).notify.mail->port, 25);
}

TEST(ConfigNotifyTest, WhatAMailNeedsIsAskedFor) {
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\npara = [\"a@b\"]\n"),
              HasSubstr("the key de is missing in [correo]"));
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\nde = \"a@b\"\npara = []\n"), HasSubstr("nobody is named"));
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\nde = \"a@b\"\npara = \"a@b\"\n"),
              HasSubstr(":6: correo.para must be a list of texts, and is text"));
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\nde = \"a@b\"\npara = [\"Ana <a@b>\"]\n"),
              HasSubstr("not a mail address"));
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\nde = \"a@b\"\npara = [\"a@b\"]\nusuario = \"x\"\n"),
              HasSubstr("usuario and archivo_clave come together"));
  EXPECT_THAT(Refusal("[correo]\nservidor = \"h\"\nde = \"a@b\"\npara = [\"a@b\"]\nusuario = \"x\"\n"
                      "archivo_clave = \"c\"\nseguridad = \"ninguna\"\n"),
              HasSubstr("not sent without TLS"));
}

TEST(ConfigNotifyTest, APasswordInTheFileIsRefusedAndNotRepeated) {
  EXPECT_THAT(Refusal("[correo]\nclave = \"hunter2\"\n"),
              AllOf(HasSubstr("'clave' in [correo] is unknown"), HasSubstr("a secret never stands here"),
                    Not(HasSubstr("hunter2"))));
}

TEST(ConfigNotifyTest, AWebhookHasOneUrlWithoutAPassword) {
  EXPECT_THAT(Refusal("[[webhook]]\nnombre = \"x\"\n"), HasSubstr("one of url and archivo_url is needed"));
  EXPECT_THAT(Refusal("[[webhook]]\nurl = \"https://h\"\narchivo_url = \"x\"\n"), HasSubstr("one of url"));
  EXPECT_THAT(Refusal("[[webhook]]\nurl = \"https://user:hunter2@h/x\"\n"),
              AllOf(HasSubstr("must not hold a user or password"), Not(HasSubstr("hunter2"))));
  for (const char* url : {"ftp://h", "https://", "h/x", "https://h/a b", "https://h/ñ"}) {
    EXPECT_THAT(Refusal("[[webhook]]\nurl = \"" + std::string(url) + "\"\n"), HasSubstr("not an https:// or http://"));
  }
}

TEST(ConfigNotifyTest, SectionsThatStandSeveralTimesHaveTheirOwnProblems) {
  const std::string good = "[[webhook]]\nurl = \"https://h\"\n";
  EXPECT_THAT(Refusal(good + "[[webhook]]\nurl = \"https://h\"\nformatto = \"chat\"\n"),
              AllOf(HasSubstr(":7: the key 'formatto' in [webhook] is unknown"), HasSubstr("formato")));
  EXPECT_THAT(Refusal(good + "nombre = \"a\"\n" + good + "nombre = \"a\"\n"),
              HasSubstr("another webhook has that name"));
  EXPECT_THAT(Refusal("[webhook]\nurl = \"https://h\"\n"), HasSubstr("write [[webhook]]"));
  EXPECT_THAT(Refusal("[\"webhook#0\"]\nurl = \"https://h\"\n"), HasSubstr("unknown"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += good;
  EXPECT_THAT(Refusal(many), HasSubstr("more than 16"));
}

TEST(ConfigNotifyTest, AnUnknownTopicIsNamedWithTheNearest) {
  EXPECT_THAT(Refusal("[[webhook]]\nurl = \"https://h\"\navisos = [\"falo\"]\n"),
              AllOf(HasSubstr("webhook.avisos: 'falo'"), HasSubstr("fallo")));
}

TEST(ConfigNotifyTest, LimitsThatMakeNoSenseAreRefused) {
  EXPECT_THAT(Refusal("[avisos]\nespacio_alto_porcentaje = 96\n"), HasSubstr("above espacio_lleno_porcentaje"));
  EXPECT_THAT(Refusal("[avisos]\nespacio_lleno_porcentaje = 101\n"), HasSubstr("101 is not one from 1 to 100"));
  EXPECT_THAT(Refusal("[avisos]\nhora_resumen = \"25:00\"\n"), HasSubstr("25:00"));
  EXPECT_THAT(Refusal("[latido]\nurl = \"https://h\"\ncada_segundos = 1\n"), HasSubstr("from 10"));
}

TEST(ConfigNotifyTest, WhereMetricsListenIsAnAddressAndAPort) {
  for (const char* bad :
       {"9187", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", ":9187", "host name:1", "127.0.0.1:x"}) {
    EXPECT_THAT(Refusal("[metricas]\nescucha = \"" + std::string(bad) + "\"\n"), HasSubstr("an address and a port"));
  }
  EXPECT_THAT(Refusal("[metricas]\npor_empresa = \"si\"\n"), HasSubstr("must be true or false, and is text"));
}

}  // namespace
}  // namespace cofre::service
