// Links by which a backup is downloaded without signing in.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/api_test_world.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/support/eventually.h"
#include "tests/support/raw_client.h"
#include "tests/support/servers.h"

namespace cofre::api {
namespace {

using test::BodyOf;
using test::Eventually;
using test::Exchange;
using test::RawClient;
using test::StatusOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ApiLinksTest : public testing::Test {
 protected:
  explicit ApiLinksTest(const std::string& more = "") : world_(more) {}

  Response Make(const std::string& user, const Backup& backup, const std::string& body = R"({"forma":"dump"})") {
    return world_.Send(user, Method::kPost, "/api/v1/backups/" + backup.snapshot_id + "/links", body);
  }
  // Its address.
  std::string MakeLink(const std::string& user, const Backup& backup, const std::string& more = "") {
    const Response made = Make(user, backup, R"({"forma":"dump")" + more + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return Json::parse(made.body).value("ruta", "");
  }
  Json ListOf(const std::string& company, const std::string& user = "olga") {
    return Json::parse(world_.Get(user, "/api/v1/companies/" + company + "/links").body).at("enlaces");
  }
  Response Look(const std::string& path, const Headers& headers = {}) { return world_.Get("", path, headers); }
  std::string Press(const std::string& path) {
    return Exchange(server_.port(), "POST " + path +
                                        " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
                                        "application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n");
  }
  // Everything that is of no use gets this, to the nonce.
  static std::string WithoutNonce(std::string body) {
    for (const char* mark : {"nonce=\"", "nonce-"}) {
      if (const size_t at = body.find(mark); at != std::string::npos) body.erase(at, 64 + std::string(mark).size());
    }
    return body;
  }
  void ExpectGone(const std::string& path) {
    const std::string wrong = "/descarga/" + std::string(64, '0');
    EXPECT_EQ(WithoutNonce(Look(path).body), WithoutNonce(Look(wrong).body));
    EXPECT_EQ(Look(path).status, 404);
    EXPECT_EQ(StatusOf(Press(path)), 404);
  }

  ApiWorld world_;
  HttpServer server_{{.listen = "127.0.0.1:0"}, [this](const Request& request) { return world_.api.Answer(request); }};
};

TEST_F(ApiLinksTest, ALinkShowsAPageAndItsButtonDownloads) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string path = MakeLink("olga", backup);
  ASSERT_EQ(path.size(), std::string("/descarga/").size() + 64);
  const Response page = Look(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("Empresa 900000001"));
  EXPECT_THAT(page.body, HasSubstr("<form method=\"post\">"));
  EXPECT_EQ(HeaderOf(page, "Cache-Control"), "no-store");
  EXPECT_EQ(HeaderOf(page, "Referrer-Policy"), "no-referrer");
  EXPECT_THAT(HeaderOf(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  const std::string answer = Press(path);
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(BodyOf(answer), "hello\n");
  EXPECT_THAT(answer, HasSubstr("Content-Disposition: attachment"));
}

TEST_F(ApiLinksTest, ThePageSpeaksTheBrowsersLanguage) {
  const std::string path = MakeLink("olga", world_.MakeBackup(kMine));
  EXPECT_THAT(Look(path, {{"accept-language", "en-GB,en;q=0.9,es;q=0.5"}}).body, HasSubstr(">Download<"));
  EXPECT_THAT(Look(path, {{"accept-language", "es-CO,es;q=0.9,en;q=0.8"}}).body, HasSubstr(">Descargar<"));
  EXPECT_THAT(Look(path, {{"accept-language", "fr"}}).body, HasSubstr("<html lang=\"es\">"));
}

TEST_F(ApiLinksTest, ToLookUsesNothingUp) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string path = MakeLink("olga", backup, R"(,"usos":1)");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Look(path).status, 200);
  const std::string head =
      Exchange(server_.port(), "HEAD " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(head), 200);
  EXPECT_EQ(ListOf(kMine)[0].at("usos"), 0);
  EXPECT_EQ(StatusOf(Press(path)), 200);
  EXPECT_EQ(ListOf(kMine)[0].at("usos"), 1);
  EXPECT_EQ(ListOf(kMine)[0].at("estado"), "used_up");
}

TEST_F(ApiLinksTest, WrongUsedUpWithdrawnAndOverLookAlike) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string used_up = MakeLink("olga", backup, R"(,"usos":1)");
  Press(used_up);
  ExpectGone(used_up);
  const std::string withdrawn = MakeLink("olga", backup);
  const int64_t id = ListOf(kMine)[0].at("enlace");
  EXPECT_EQ(world_.Send("olga", Method::kDelete, "/api/v1/links/" + std::to_string(id)).status, 204);
  ExpectGone(withdrawn);
  const std::string over = MakeLink("olga", backup, R"(,"dias":2)");
  world_.vault.clock.Advance(48h);
  ExpectGone(over);
}

TEST_F(ApiLinksTest, ItIsOfUseOnlyWhileItsMakerMayDownload) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string of_contador = MakeLink("contador", backup);
  const std::string of_olga = MakeLink("olga", backup);
  EXPECT_EQ(Look(of_contador).status, 200);
  User contador = world_.services.accounts.GetUser("contador");
  contador.companies = {kOther};
  world_.services.accounts.UpdateUser(contador);
  ExpectGone(of_contador);
  User olga = world_.services.accounts.GetUser("olga");
  olga.role = Role::kViewer;
  world_.services.accounts.UpdateUser(olga);
  ExpectGone(of_olga);
}

TEST_F(ApiLinksTest, TheSecretIsShownOnceAndStoredNowhere) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string secret = MakeLink("olga", backup).substr(std::string("/descarga/").size());
  EXPECT_THAT(ListOf(kMine).dump(), Not(HasSubstr(secret)));
  EXPECT_THAT(world_.Get("ana", "/api/v1/audit").body, Not(HasSubstr(secret)));
  EXPECT_THAT(world_.Get("ana", "/api/v1/audit").body, HasSubstr("link.add"));
  for (const auto& entry : fs::recursive_directory_iterator(world_.vault.folder.File("state"))) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(ReadFile(entry.path().string(), 100 << 20).find(secret), std::string::npos) << entry.path();
  }
}

TEST_F(ApiLinksTest, ADownloadByLinkIsInTheAuditLogWithItsNumber) {
  const Backup backup = world_.MakeBackup(kMine);
  Press(MakeLink("olga", backup));
  std::vector<AuditEntry> entries;
  EXPECT_TRUE(Eventually([&] {
    entries = world_.services.accounts.ListAudit({.action = "backup.download"}, 10);
    return entries.size() == 2;
  }));
  for (const AuditEntry& entry : entries) {
    EXPECT_EQ(entry.way, "link 1");
    EXPECT_EQ(entry.user, "");
    EXPECT_EQ(entry.address, "127.0.0.1");
  }
}

TEST_F(ApiLinksTest, TheBackupStaysAsLongAsTheLink) {
  const Backup backup = world_.MakeBackup(kMine);
  MakeLink("olga", backup, R"(,"dias":5)");
  EXPECT_EQ(world_.vault.catalogue().FindBackup(backup.snapshot_id).pinned_until, world_.vault.clock.Now() + 120h);
  MakeLink("olga", backup, R"(,"dias":2)");
  EXPECT_EQ(world_.vault.catalogue().FindBackup(backup.snapshot_id).pinned_until, world_.vault.clock.Now() + 120h);
}

TEST_F(ApiLinksTest, ACompanyUserMakesAndWithdrawsThoseOfHisCompaniesAlone) {
  const Backup mine = world_.MakeBackup(kMine);
  const Backup other = world_.MakeBackup(kOther);
  MakeLink("olga", other);
  EXPECT_EQ(Make("contador", mine).status, 201);
  EXPECT_EQ(Make("contador", other).status, 404);
  EXPECT_EQ(world_.Send("contador", Method::kDelete, "/api/v1/links/1").status, 404);
  EXPECT_EQ(world_.Send("contador", Method::kDelete, "/api/v1/links/2").status, 204);
  EXPECT_EQ(world_.Get("contador", std::string("/api/v1/companies/") + kOther + "/links").status, 404);
  EXPECT_EQ(ListOf(kMine, "contador").size(), 1U);
}

TEST_F(ApiLinksTest, WhatMakesNoSenseIsRefused) {
  const Backup backup = world_.MakeBackup(kMine);
  for (const char* body :
       {R"({})", R"({"forma":"zip"})", R"({"forma":"dump","dias":0})", R"({"forma":"dump","dias":31})",
        R"({"forma":"dump","usos":0})", R"({"forma":"dump","usos":1e9})", R"({"forma":"dump","idioma":"de"})",
        R"({"forma":"dump","correo":"a@b\r\nBcc: c@d"})", R"({"forma":"dump","correo":"nobody"})",
        R"({"forma":"dump","otro":1})"}) {
    EXPECT_EQ(Make("olga", backup, body).status, 400) << body;
  }
  EXPECT_EQ(Make("olga", backup, R"({"forma":"dump","correo":"a@example.com"})").status, 409);  // no mail server
  EXPECT_EQ(Make("olga", backup, R"({"forma":"database"})").status, 409);                       // of a command
}

TEST_F(ApiLinksTest, WhoGuessesTooOftenWaitsAndWhoHasAGoodOneDoesNot) {
  const std::string path = MakeLink("olga", world_.MakeBackup(kMine));
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const Response answer = Look("/descarga/" + MakeSecret(SystemRandom()));
    EXPECT_TRUE(answer.status == 404 || answer.status == 429);
    refused += answer.status == 429 ? 1 : 0;
  }
  EXPECT_EQ(refused, 10);
  EXPECT_NE(HeaderOf(Look("/descarga/x"), "Retry-After"), "");
  EXPECT_EQ(Look(path).status, 200);
}

TEST_F(ApiLinksTest, ACompanysNameIsTextAndNothingElse) {
  Company company = world_.vault.catalogue().GetCompany(kMine);
  company.name = "<script>alert(1)</script> & \"Hijos\" ../../Ñ";
  world_.vault.catalogue().UpdateCompany(company);
  const std::string path = MakeLink("olga", world_.MakeBackup(kMine));
  const std::string page = Look(path).body;
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Hijos&quot;"));
  EXPECT_THAT(Press(path), HasSubstr("filename=\"script alert_1_ script _ Hijos .. .. _ 2026 2026-11-24.dump\""));
}

TEST_F(ApiLinksTest, WhatFailsBeforeItsBeginningSaysNothingOfItselfAndIsNotCounted) {
  const Backup backup = world_.MakeBackup(kMine);
  const std::string path = MakeLink("olga", backup);
  for (const auto& entry : fs::recursive_directory_iterator(world_.vault.folder.File("store"))) {
    if (!entry.is_regular_file() || entry.path().string().find("/data/") == std::string::npos) continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    fs::resize_file(entry.path(), entry.file_size() / 2);
  }
  const std::string answer = Press(path);
  EXPECT_EQ(StatusOf(answer), 500);
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html"));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Disposition")));
  EXPECT_THAT(answer, Not(HasSubstr("pack")));
  EXPECT_TRUE(Eventually([&] { return ListOf(kMine)[0].at("usos") == 0; }));
}

// A company whose database is a file: it can be had ready to use.
class ApiDatabaseLinksTest : public ApiLinksTest {
 protected:
  Backup MakeSqliteBackup() {
    const std::string path = world_.vault.folder.File("datos.sqlite");
    const auto made = catalogue::Catalogue::OpenOrCreate(path);  // any database will do
    world_.vault.catalogue().AddServer({.name = "local", .engine = Engine::kSqlite});
    world_.vault.catalogue().AddCompany({.id = "900000003", .name = "Tres", .server = "local"});
    world_.vault.catalogue().AddDatabase({.company = "900000003", .fiscal_year = 2026, .path = path},
                                         world_.vault.clock.Now());
    return world_.MakeBackup("900000003");
  }
  std::string TargetOf(const Backup& backup) { return "/api/v1/backups/" + backup.snapshot_id + "/database"; }
};

TEST_F(ApiDatabaseLinksTest, ADatabaseIsMadeOnceAndThenDownloaded) {
  const Backup backup = MakeSqliteBackup();
  EXPECT_EQ(world_.Get("olga", TargetOf(backup)).status, 404);
  const Response first = world_.Send("olga", Method::kPost, TargetOf(backup), "{}", {{"idempotency-key", "k"}});
  ASSERT_EQ(first.status, 202) << first.body;
  const Json job = Json::parse(first.body).at("tareas")[0];
  EXPECT_EQ(job.at("tipo"), "export");
  EXPECT_EQ(job.at("estado"), "queued");
  const Response again = world_.Send("olga", Method::kPost, TargetOf(backup), "{}");
  EXPECT_EQ(Json::parse(again.body).at("tareas")[0].at("tarea"), job.at("tarea"));
  world_.vault.RunAll();
  const Response ready = world_.Send("olga", Method::kPost, TargetOf(backup), "{}");
  EXPECT_EQ(Json::parse(ready.body).at("tareas")[0].at("tarea"), job.at("tarea"));
  EXPECT_EQ(Json::parse(ready.body).at("tareas")[0].at("estado"), "done");

  const std::string answer =
      Exchange(server_.port(), "GET " + TargetOf(backup) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " +
                                   kCookieName + "=" + world_.SignIn("olga") + "\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_TRUE(BodyOf(answer).starts_with("SQLite format 3"));
  EXPECT_THAT(answer, HasSubstr("filename=\"Tres 2026 2026-11-24.sqlite\""));
}

TEST_F(ApiDatabaseLinksTest, OnlyThoseWhoMayDownloadGetIt) {
  const Backup backup = MakeSqliteBackup();
  world_.Send("olga", Method::kPost, TargetOf(backup), "{}");
  world_.vault.RunAll();
  EXPECT_EQ(world_.Get("olga", TargetOf(backup)).status, 200);
  EXPECT_EQ(world_.Get("vero", TargetOf(backup)).status, 403);
  EXPECT_EQ(world_.Get("contador", TargetOf(backup)).status, 404);
  EXPECT_EQ(world_.Send("contador", Method::kPost, TargetOf(backup), "{}").status, 404);
  EXPECT_EQ(world_.Get("", TargetOf(backup)).status, 401);
  world_.AddUser("suya", Role::kCompany, {"900000003"});
  EXPECT_EQ(world_.Get("suya", TargetOf(backup)).status, 200);
}

TEST_F(ApiDatabaseLinksTest, ALinkHasItPreparedAndCountsOnlyTheDownload) {
  const Backup backup = MakeSqliteBackup();
  const Response made = Make("olga", backup, R"({"forma":"database","usos":1})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = Json::parse(made.body).at("ruta");
  EXPECT_THAT(Look(path).body, HasSubstr(">Preparar<"));
  EXPECT_THAT(Press(path), HasSubstr("se está preparando"));
  EXPECT_THAT(Press(path), HasSubstr("se está preparando"));
  EXPECT_THAT(Look(path).body, HasSubstr("http-equiv=\"refresh\""));
  EXPECT_EQ(world_.vault.RunAll(), 1U);
  EXPECT_THAT(Look(path).body, HasSubstr(">Descargar<"));
  EXPECT_EQ(ListOf("900000003")[0].at("usos"), 0);
  EXPECT_TRUE(BodyOf(Press(path)).starts_with("SQLite format 3"));
  ExpectGone(path);
}

TEST_F(ApiDatabaseLinksTest, WhatCannotBeMadeIsSaidAndNotTriedAllTheTime) {
  const Backup backup = MakeSqliteBackup();
  const std::string path = Json::parse(Make("olga", backup, R"({"forma":"database"})").body).at("ruta");
  service::Config config = world_.vault.config;
  config.api.databases_limit_bytes = 1;
  world_.vault.wiring = std::make_shared<service::Wiring>(config, world_.vault.clock);
  Press(path);
  EXPECT_EQ(world_.vault.RunAll(), 1U);
  EXPECT_THAT(Press(path), HasSubstr("no se pudo preparar"));
  EXPECT_EQ(world_.vault.RunAll(), 0U);
  world_.vault.clock.Advance(11min);
  EXPECT_THAT(Press(path), HasSubstr("se está preparando"));
}

// With a mail server.
std::string MailSettings() {
  const std::string place = test::Setting("COFRE_TEST_SMTP");
  if (place.empty()) return "";
  const size_t colon = place.rfind(':');
  return "[api]\nurl = \"https://cofre.example.com/\"\n[correo]\nservidor = \"" + place.substr(0, colon) +
         "\"\npuerto = " + place.substr(colon + 1) + "\nusuario = \"" + test::Setting("COFRE_TEST_SMTP_USER") +
         "\"\narchivo_clave = \"" + test::Setting("COFRE_TEST_SMTP_PASSWORD_FILE") + "\"\narchivo_ca = \"" +
         test::Setting("COFRE_TEST_SMTP_CA") + "\"\nde = \"cofre@example.com\"\npara = [\"ana@example.com\"]\n";
}

class ApiMailedLinksTest : public ApiLinksTest {
 protected:
  ApiMailedLinksTest() : ApiLinksTest(MailSettings()) {}

  // The text of the message to that address.
  static std::string MailTo(const std::string& address) {
    for (const auto& entry : fs::directory_iterator(test::Setting("COFRE_TEST_SMTP_FOLDER"))) {
      const std::string mail = ReadFile(entry.path().string(), 1 << 20);
      if (mail.find("X-Envelope-To: " + address) == std::string::npos) continue;
      std::string body = mail.substr(mail.find("\r\n\r\n", mail.find("Message-ID")) + 4);
      std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
      return std::string(AsText(Base64Decode(body).value_or(Bytes())));
    }
    return "";
  }
};

TEST_F(ApiMailedLinksTest, ALinkIsSentAndNotShown) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_SMTP");
  const Backup backup = world_.MakeBackup(kMine);
  const std::string address = "contador" + MakeSecret(SystemRandom()).substr(0, 8) + "@example.com";
  const Response made = Make("contador", backup, R"({"forma":"dump","correo":")" + address + R"(","idioma":"en"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Json::parse(made.body).at("ruta"), nullptr);
  EXPECT_TRUE(Eventually([&] { return ListOf(kMine)[0].at("correo_estado") == "sent"; })) << ListOf(kMine).dump();
  const std::string text = MailTo(address);
  const size_t at = text.find("https://cofre.example.com/descarga/");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string path = text.substr(at + std::string("https://cofre.example.com").size(), 74);
  EXPECT_EQ(BodyOf(Press(path)), "hello\n");
}

TEST_F(ApiMailedLinksTest, AMailThatIsRefusedIsSaidSo) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_SMTP");
  const Backup backup = world_.MakeBackup(kMine);
  EXPECT_EQ(Make("olga", backup, R"({"forma":"dump","correo":"nobody@example.com"})").status, 201);
  EXPECT_TRUE(Eventually([&] { return ListOf(kMine)[0].at("correo_estado") == "failed"; }));
  EXPECT_THAT(ListOf(kMine)[0].at("correo_mensaje").get<std::string>(), HasSubstr("550"));
}

}  // namespace
}  // namespace cofre::api
