#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/api_test_world.h"

namespace cofre::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string CodeOf(const Response& response) {
  const Json json = Json::parse(response.body, nullptr, false);
  return json.is_object() && json.contains("type") ? json["type"].get<std::string>().substr(18) : response.body;
}

Json JsonOf(const Response& response) {
  EXPECT_LT(response.status, 300) << response.body;
  return Json::parse(response.body, nullptr, false);
}

std::vector<std::string> Ids(const Json& list) {
  std::vector<std::string> ids;
  for (const Json& one : list.at("empresas")) ids.push_back(one.at("empresa"));
  return ids;
}

class ApiTest : public testing::Test {
 protected:
  Response SignIn(const std::string& user, const std::string& password) {
    return world_.Send("", Method::kPost, "/api/v1/session", Json{{"usuario", user}, {"clave", password}}.dump());
  }
  std::vector<AuditEntry> Audit() { return world_.services.accounts.ListAudit({}, 100); }

  ApiWorld world_;
};

TEST_F(ApiTest, APasswordOpensASessionThatACookieCarries) {
  const Response response = SignIn(" ANA ", kPassword);
  const Json json = JsonOf(response);
  EXPECT_EQ(json["usuario"], "ana");
  EXPECT_EQ(json["rol"], "administrator");
  const std::string cookie = HeaderOf(response, "Set-Cookie");
  EXPECT_THAT(cookie, AllOf(StartsWith("__Host-cofre="), HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Strict")));
  const std::string pair = cookie.substr(0, cookie.find(';'));
  const Json again = JsonOf(world_.Get("", "/api/v1/session", {{"cookie", pair}}));
  EXPECT_EQ(again["csrf"], json["csrf"]);
  EXPECT_EQ(Audit().at(0).action, "session.open");
}

TEST_F(ApiTest, WrongUserAndWrongPasswordLookAlike) {
  const Response user = SignIn("nobody", kPassword);
  const Response password = SignIn("ana", "not the password");
  EXPECT_EQ(user.status, 401);
  EXPECT_EQ(user.body, password.body);
  EXPECT_EQ(HeaderOf(user, "Set-Cookie"), "");
}

TEST_F(ApiTest, GuessingIsSlowedDownAndTheRightPasswordWaitsToo) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(SignIn("ana", "wrong").status, 401);
  const Response refused = SignIn("ana", kPassword);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "30");
  EXPECT_EQ(SignIn("vero", kPassword).status, 200);
  world_.vault.clock.Advance(31s);
  EXPECT_EQ(SignIn("ana", kPassword).status, 200);
}

TEST_F(ApiTest, ASessionEndsByItself) {
  EXPECT_EQ(world_.Get("ana", "/api/v1/session").status, 200);
  for (int i = 0; i < 5; ++i) {
    world_.vault.clock.Advance(7h);
    EXPECT_EQ(world_.Get("ana", "/api/v1/session").status, 200);
  }
  world_.vault.clock.Advance(9h);
  EXPECT_EQ(CodeOf(world_.Get("ana", "/api/v1/session")), "not_signed_in");
  for (int i = 0; i < 25; ++i) {
    (void)world_.Get("vero", "/api/v1/session");
    world_.vault.clock.Advance(7h);
  }
  EXPECT_EQ(CodeOf(world_.Get("vero", "/api/v1/session")), "not_signed_in");
}

TEST_F(ApiTest, SigningOutEndsTheSession) {
  EXPECT_EQ(world_.Send("ana", Method::kDelete, "/api/v1/session").status, 204);
  EXPECT_EQ(CodeOf(world_.Get("ana", "/api/v1/session")), "not_signed_in");
}

TEST_F(ApiTest, AChangeWithoutTheCsrfHeaderIsRefused) {
  const std::string cookie = world_.SignIn("ana");
  const Headers bare{{"cookie", "__Host-cofre=" + cookie}};
  EXPECT_EQ(world_.Get("", "/api/v1/session", bare).status, 200);
  EXPECT_EQ(CodeOf(world_.Send("", Method::kPut, "/api/v1/pause", "", bare)), "csrf");
  Headers wrong = bare;
  wrong["x-csrf-token"] = ApiWorld::CsrfOf(world_.SignIn("ana"));
  EXPECT_EQ(CodeOf(world_.Send("", Method::kPut, "/api/v1/pause", "", wrong)), "csrf");
  EXPECT_TRUE(world_.services.catalogue->ListPauses().empty());
}

TEST_F(ApiTest, ChangingOnesPasswordAsksForTheOldOneAndEndsOtherSessions) {
  const std::string other = world_.SignIn("vero");
  const auto change = [&](const char* old, const char* now) {
    return world_.Send("vero", Method::kPut, "/api/v1/session/password",
                       Json{{"clave_actual", old}, {"clave_nueva", now}}.dump());
  };
  EXPECT_EQ(CodeOf(change("wrong", "otra clave larga")), "wrong_credentials");
  EXPECT_EQ(CodeOf(change(kPassword, "corta")), "invalid");
  EXPECT_EQ(change(kPassword, "otra clave larga").status, 204);
  EXPECT_EQ(world_.Get("vero", "/api/v1/session").status, 200);
  EXPECT_EQ(world_.Get("", "/api/v1/session", {{"cookie", "__Host-cofre=" + other}}).status, 401);
  EXPECT_EQ(SignIn("vero", "otra clave larga").status, 200);
}

TEST_F(ApiTest, ATokenIsShownOnceAndEndsByTimeRevocationAndItsUser) {
  const Response made =
      world_.Send("olga", Method::kPost, "/api/v1/tokens", R"({"nombre":"n","alcance":"read","dias":2})");
  ASSERT_EQ(made.status, 201);
  const Json json = JsonOf(made);
  const Headers bearer{{"authorization", "Bearer " + json["secreto"].get<std::string>()}};
  EXPECT_EQ(world_.Get("", "/api/v1/companies", bearer).status, 200);
  EXPECT_THAT(world_.Get("olga", "/api/v1/tokens").body, Not(HasSubstr("secreto")));
  EXPECT_THAT(Audit().at(0).after, Not(HasSubstr(json["secreto"].get<std::string>())));
  world_.vault.clock.Advance(49h);
  EXPECT_EQ(CodeOf(world_.Get("", "/api/v1/companies", bearer)), "not_signed_in");

  const std::string second = world_.AddToken("olga", Scope::kRead);
  const Headers with{{"authorization", "Bearer " + second}};
  EXPECT_EQ(world_.Get("", "/api/v1/companies", with).status, 200);
  EXPECT_EQ(
      world_.Send("ana", Method::kDelete, "/api/v1/tokens/2", "", {{"cookie", "__Host-cofre=" + world_.SignIn("ana")}})
          .status,
      403);
  const std::string cookie = world_.SignIn("ana");
  EXPECT_EQ(world_
                .Send("", Method::kDelete, "/api/v1/tokens/2", "",
                      {{"cookie", "__Host-cofre=" + cookie}, {"x-csrf-token", ApiWorld::CsrfOf(cookie)}})
                .status,
            204);
  EXPECT_EQ(world_.Get("", "/api/v1/companies", with).status, 401);
}

TEST_F(ApiTest, ATokensScopeAndItsUsersRoleBothHold) {
  const auto pause = [&](const std::string& user, Scope scope) {
    return world_
        .Send("", Method::kPut, "/api/v1/pause", "", {{"authorization", "Bearer " + world_.AddToken(user, scope)}})
        .status;
  };
  EXPECT_EQ(pause("ana", Scope::kRead), 403);
  EXPECT_EQ(pause("vero", Scope::kAdminister), 403);
  EXPECT_EQ(pause("ana", Scope::kOperate), 204);
}

TEST_F(ApiTest, GuessingTokensIsSlowedDown) {
  const auto guess = [&] { return world_.Get("", "/api/v1/session", {{"authorization", "Bearer cofre_x"}}).status; };
  for (int i = 0; i < 30; ++i) EXPECT_EQ(guess(), 401);
  EXPECT_EQ(guess(), 429);
}

TEST_F(ApiTest, EveryAnswerBearsTheSecurityHeaders) {
  for (const char* target : {"/api/v1/openapi.json", "/nothing", "/api/v1/session"}) {
    const Response response = world_.Get("", target);
    EXPECT_THAT(HeaderOf(response, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(HeaderOf(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(HeaderOf(response, "X-Frame-Options"), "DENY");
  }
}

TEST_F(ApiTest, WhatIsAsBeforeIsNotSentAgain) {
  const Response first = world_.Get("vero", "/api/v1/companies");
  const std::string etag = HeaderOf(first, "ETag");
  EXPECT_FALSE(etag.empty());
  const Response second = world_.Get("vero", "/api/v1/companies", {{"if-none-match", etag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body, "");
}

TEST_F(ApiTest, CompaniesAreSearchedFilteredSortedAndPaged) {
  world_.vault.AddCompany("800000003", 2024);
  Company company = world_.vault.catalogue().GetCompany("800000003");
  company.name = "Peñalosa Ávila & Cía";
  company.enabled = false;
  world_.vault.catalogue().UpdateCompany(company);
  world_.MakeBackup(kMine);
  const auto ids = [&](const std::string& query) {
    return Ids(JsonOf(world_.Get("vero", "/api/v1/companies" + query)));
  };
  using V = std::vector<std::string>;
  EXPECT_EQ(ids(""), (V{"800000003", kMine, kOther}));
  EXPECT_EQ(ids("?orden=-empresa&por_pagina=1&pagina=2"), V{kMine});
  EXPECT_EQ(ids("?buscar=PENALOSA+avila"), V{"800000003"});
  EXPECT_EQ(ids("?buscar=800.000.003-1"), V{"800000003"});
  EXPECT_EQ(ids("?estado=safe"), V{kMine});
  EXPECT_EQ(ids("?estado=never"), V{kOther});
  EXPECT_EQ(ids("?estado=disabled"), V{"800000003"});
  EXPECT_EQ(ids("?anio_fiscal=2024"), V{"800000003"});
  EXPECT_EQ(ids("?servidor=none"), V{});
  EXPECT_EQ(ids("?orden=-ultimo_respaldo").at(0), kMine);
  EXPECT_EQ(ids("?pagina=1000000"), V{});
  for (const char* bad : {"?orden=x", "?pagina=0", "?por_pagina=501", "?estado=x", "?anio_fiscal=x"}) {
    EXPECT_EQ(CodeOf(world_.Get("vero", "/api/v1/companies" + std::string(bad))), "invalid") << bad;
  }
}

TEST_F(ApiTest, ACompanyUserSeesHisCompaniesAlone) {
  const Backup other = world_.MakeBackup(kOther);
  const Backup mine = world_.MakeBackup(kMine);
  EXPECT_EQ(Ids(JsonOf(world_.Get("contador", "/api/v1/companies"))), std::vector<std::string>{kMine});
  EXPECT_EQ(JsonOf(world_.Get("contador", "/api/v1/jobs"))["tareas"].size(), 1U);
  EXPECT_EQ(JsonOf(world_.Get("contador", "/api/v1/plan"))["bases"].size(), 1U);
  EXPECT_EQ(world_.Get("contador", "/api/v1/backups/" + mine.snapshot_id).status, 200);
  // As if it were not there, down to the words.
  const std::string missing(64, '0');
  const Response hidden = world_.Get("contador", "/api/v1/backups/" + other.snapshot_id);
  const Response none = world_.Get("contador", "/api/v1/backups/" + missing);
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(CodeOf(hidden), CodeOf(none));
  EXPECT_EQ(CodeOf(world_.Get("contador", "/api/v1/jobs?empresa=900000002")), "not_found");
  EXPECT_THAT(world_.Get("contador", "/api/v1/jobs").body, Not(HasSubstr("proceso")));
}

TEST_F(ApiTest, SettingsChangeOnlyFromWhatWasRead) {
  const std::string path = "/api/v1/companies/900.000.001-5/settings";
  const Response read = world_.Get("olga", path);
  EXPECT_EQ(JsonOf(read)["hora_backup"], "01:00");
  const std::string etag = HeaderOf(read, "ETag");
  const std::string body =
      R"({"hora_backup":"23:30","limite_espacio_gb":2.5,"backups_habilitados":false,"zona_horaria":"America/Lima"})";
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kPatch, path, body)), "needs_if_match");
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kPatch, path, body, {{"if-match", "\"old\""}})), "changed_meanwhile");
  const Response changed = world_.Send("olga", Method::kPatch, path, body, {{"if-match", etag}});
  EXPECT_EQ(JsonOf(changed)["limite_espacio_gb"], 2.5);
  EXPECT_EQ(HeaderOf(changed, "ETag"), HeaderOf(world_.Get("olga", path), "ETag"));
  const Company company = world_.vault.catalogue().GetCompany(kMine);
  EXPECT_EQ(company.backup_time, 23h + 30min);
  EXPECT_FALSE(company.enabled);
  EXPECT_EQ(company.time_zone, "America/Lima");
  const AuditEntry entry = Audit().at(0);
  EXPECT_EQ(entry.user, "olga");
  EXPECT_EQ(entry.address, "10.0.0.9");
  EXPECT_EQ(entry.subject, kMine);
  EXPECT_THAT(entry.before, HasSubstr("01:00"));
  EXPECT_THAT(entry.after, HasSubstr("23:30"));
  // At once, though the fleet was looked at a moment ago.
  EXPECT_EQ(JsonOf(world_.Get("olga", "/api/v1/companies/900000001"))["estado"], "disabled");
}

TEST_F(ApiTest, ABadSettingChangesNothing) {
  const std::string path = "/api/v1/companies/900000001/settings";
  for (const char* body : {R"({"hora_backup":"25:00"})", R"({"limite_espacio_gb":0})", R"({"limite_espacio_gb":-1})",
                           R"({"limite_espacio_gb":1e300})", R"({"zona_horaria":"Mars/Base"})", R"({"nombre":""})",
                           R"({"nombre":"a\nb"})", R"({"servidor":"x"})", R"({"backups_habilitados":"si"})"}) {
    EXPECT_EQ(CodeOf(world_.Send("olga", Method::kPatch, path, body, {{"if-match", "*"}})), "invalid") << body;
  }
  EXPECT_TRUE(Audit().empty());
}

TEST_F(ApiTest, ManyCompaniesChangeTogetherOrNotAtAll) {
  const auto change = [&](const char* body) {
    return world_.Send("olga", Method::kPost, "/api/v1/companies/bulk", body);
  };
  EXPECT_EQ(change(R"({"empresas":["900000001","1234567"],"cambios":{"hora_backup":"02:00"}})").status, 404);
  EXPECT_EQ(world_.vault.catalogue().GetCompany(kMine).backup_time, 60min);
  const Json json =
      JsonOf(change(R"({"empresas":["900000001","900000002","900.000.001"],"cambios":{"hora_backup":"02:00"}})"));
  EXPECT_EQ(json["empresas"], 2);
  EXPECT_EQ(json["cambiadas"], 2);
  EXPECT_EQ(world_.vault.catalogue().GetCompany(kOther).backup_time, 120min);
  EXPECT_EQ(Audit().size(), 2U);
  EXPECT_EQ(CodeOf(change(R"({"empresas":[],"cambios":{"hora_backup":"02:00"}})")), "invalid");
  EXPECT_EQ(CodeOf(change(R"({"empresas":["900000001"],"cambios":{"nombre":"x"}})")), "invalid");
}

TEST_F(ApiTest, ABackupIsQueuedOnceForOneKey) {
  const auto ask = [&](const std::string& key, const std::string& body = "{}") {
    return world_.Send("olga", Method::kPost, "/api/v1/companies/900000001/backups", body, {{"idempotency-key", key}});
  };
  const Response first = ask("k1");
  EXPECT_EQ(first.status, 202);
  const int64_t job = JsonOf(first)["tareas"][0]["tarea"];
  ASSERT_TRUE(world_.vault.RunNext());
  EXPECT_EQ(JsonOf(ask("k1"))["tareas"][0]["tarea"], job);
  EXPECT_EQ(JsonOf(ask("k1"))["tareas"][0]["estado"], "done");
  EXPECT_FALSE(world_.vault.RunNext());
  EXPECT_EQ(CodeOf(ask("k1", R"({"anio_fiscal":2026})")), "invalid");
  EXPECT_NE(JsonOf(ask("k2"))["tareas"][0]["tarea"], job);
  EXPECT_EQ(ask("k3", R"({"anio_fiscal":1999})").status, 404);
  EXPECT_EQ(CodeOf(ask("k4", R"({"anio_fiscal":2026.5})")), "invalid");
}

TEST_F(ApiTest, VerifyAndDrillAreQueuedAndAQueuedJobIsCancelled) {
  world_.MakeBackup(kMine);
  const std::string company = "/api/v1/companies/900000001";
  EXPECT_EQ(JsonOf(world_.Send("olga", Method::kPost, company + "/verify", "{}"))["tareas"][0]["tipo"], "verify");
  EXPECT_EQ(world_.vault.RunNext()->state, JobState::kDone);
  const Json drill = JsonOf(world_.Send("olga", Method::kPost, company + "/drill", R"({"anio_fiscal":2026})"));
  const std::string job = "/api/v1/jobs/" + std::to_string(drill["tareas"][0]["tarea"].get<int64_t>());
  EXPECT_EQ(world_.Send("olga", Method::kDelete, job).status, 204);
  EXPECT_EQ(JsonOf(world_.Get("olga", job))["estado"], "interrupted");
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kDelete, job)), "conflict");
}

TEST_F(ApiTest, ABackupIsPinnedAndRemovedButNeverTheLastOne) {
  const Backup first = world_.MakeBackup(kMine);
  const std::string path = "/api/v1/backups/" + first.snapshot_id;
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kDelete, path)), "conflict");
  world_.vault.clock.Advance(25h);
  world_.ForgetCookies();
  world_.vault.SetCommand(kMine, {"echo", "changed"});
  world_.MakeBackup(kMine);
  ASSERT_EQ(world_.vault.catalogue().ListBackups({.company = kMine}).size(), 2U);
  const std::string until = FormatTime(world_.vault.clock.Now() + 48h);
  EXPECT_EQ(JsonOf(world_.Send("olga", Method::kPut, path + "/pin", Json{{"hasta", until}}.dump()))["fijado_hasta"],
            until);
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kDelete, path)), "conflict");
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kPut, path + "/pin", R"({"hasta":"2001-01-01T00:00:00Z"})")), "invalid");
  EXPECT_EQ(CodeOf(world_.Send("olga", Method::kPut, path + "/pin", "{}")), "invalid");
  EXPECT_EQ(world_.Send("olga", Method::kPut, path + "/pin", R"({"hasta":null})").status, 200);
  EXPECT_EQ(world_.Send("olga", Method::kDelete, path).status, 204);
  EXPECT_EQ(world_.Get("olga", path).status, 404);
  EXPECT_EQ(Audit().at(0).action, "backup.remove");
}

TEST_F(ApiTest, PausesStandUntilTheyAreTakenAway) {
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/servers/srv1/pause").status, 204);
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/servers/nowhere/pause").status, 404);
  EXPECT_EQ(JsonOf(world_.Get("olga", "/api/v1/servers/srv1"))["pausado"], true);
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/pause").status, 204);
  EXPECT_EQ(JsonOf(world_.Get("olga", "/api/v1/today"))["pausado"], true);
  EXPECT_EQ(world_.Send("olga", Method::kDelete, "/api/v1/pause").status, 204);
  EXPECT_EQ(world_.Send("olga", Method::kDelete, "/api/v1/servers/srv1/pause").status, 204);
  EXPECT_TRUE(world_.vault.catalogue().ListPauses().empty());
  EXPECT_EQ(Audit().size(), 4U);
}

TEST_F(ApiTest, NodesAreListedAndDrained) {
  EXPECT_EQ(JsonOf(world_.Get("olga", "/api/v1/nodes"))["nodos"], Json::array());
  world_.AddNode("n1");
  world_.vault.catalogue().AddNodeBinding({.server = "srv1", .node = "n1"});
  const auto state = [&] { return JsonOf(world_.Get("olga", "/api/v1/nodes"))["nodos"].at(0); };
  EXPECT_EQ(state()["estado"], "works");
  EXPECT_EQ(state()["servidores"], Json::array({"srv1"}));
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/nodes/n1/drain").status, 204);
  EXPECT_EQ(state()["estado"], "draining");
  EXPECT_EQ(world_.Send("olga", Method::kDelete, "/api/v1/nodes/n1/drain").status, 204);
  EXPECT_EQ(state()["estado"], "works");
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/nodes/n2/drain").status, 404);
  EXPECT_EQ(world_.Send("olga", Method::kPut, "/api/v1/nodes/N%202/drain").status, 400);
  EXPECT_EQ(Audit().at(0).action, "node.undrain");
  world_.vault.clock.Advance(std::chrono::minutes(1));
  EXPECT_EQ(state()["estado"], "gone");
}

TEST_F(ApiTest, TodaySaysHowManyAreSafeAndWhatIsWrong) {
  world_.vault.SetCommand(kOther, {"false"});
  world_.MakeBackup(kMine);
  world_.vault.Enqueue(kOther);
  world_.vault.RunNext();
  world_.services.fleet.Changed();
  const Json today = JsonOf(world_.Get("vero", "/api/v1/today"));
  EXPECT_EQ(today["empresas"]["total"], 2);
  EXPECT_EQ(today["empresas"]["safe"], 1);
  EXPECT_EQ(today["empresas"]["failing"], 1);
  EXPECT_EQ(today["ultimas_24_horas"]["hechos"], 1);
  EXPECT_EQ(today["ultimas_24_horas"]["fallidos"], 1);
  EXPECT_EQ(today["ultimas_24_horas"]["por_hora"].size(), 24U);
  EXPECT_EQ(today["ultimas_24_horas"]["por_hora"][23]["hechos"], 1);
  EXPECT_EQ(today["problemas"].size(), 1U);
  EXPECT_EQ(today["problemas"][0]["empresa"], kOther);
  EXPECT_FALSE(today["problemas"][0]["mensaje"].is_null());
}

TEST_F(ApiTest, ASimulationSaysWhatTheDesignSaysOfAThousandCompanies) {
  const Json json = JsonOf(world_.Get("vero", "/api/v1/simulation?dias=5&trabajadores=16"));
  EXPECT_EQ(json["empresas"], 1000);
  EXPECT_EQ(json["anio_actual"], 80);
  EXPECT_EQ(json["horas_hasta_cubrir"], 92);
  EXPECT_EQ(json["por_dia"].size(), 5U);
  EXPECT_EQ(json["por_dia"][0]["lotes"], 4);
  EXPECT_EQ(json["por_hora"].size(), 24U);
  EXPECT_EQ(
      JsonOf(world_.Get("vero", "/api/v1/simulation?empresas=300&dias=2&inicios_por_hora=60"))["horas_hasta_cubrir"],
      5);
  for (const char* bad : {"empresas=0", "empresas=20001", "dias=61", "empresas=20000&dias=60", "fallos_porcentaje=101",
                          "anio_actual=1001"}) {
    EXPECT_EQ(CodeOf(world_.Get("vero", "/api/v1/simulation?" + std::string(bad))), "invalid") << bad;
  }
}

TEST_F(ApiTest, UsersAreMadeChangedAndRemovedByAdministrators) {
  const std::string body =
      R"({"usuario":"Eva@x.co","clave":"una clave bien larga","rol":"company","empresas":["900.000.002-1"]})";
  const Response made = world_.Send("ana", Method::kPost, "/api/v1/users", body);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(HeaderOf(made, "Location"), "/api/v1/users/eva@x.co");
  EXPECT_THAT(made.body, Not(HasSubstr("argon")));
  EXPECT_EQ(CodeOf(world_.Send("ana", Method::kPost, "/api/v1/users", body)), "conflict");
  EXPECT_EQ(world_.Get("eva@x.co", "/api/v1/companies/900000002").status, 200);
  const std::string path = "/api/v1/users/eva@x.co";
  EXPECT_EQ(CodeOf(world_.Send("ana", Method::kPatch, path, "{}")), "needs_if_match");
  const std::string etag = HeaderOf(world_.Get("ana", path), "ETag");
  EXPECT_EQ(CodeOf(world_.Send("ana", Method::kPatch, path, R"({"rol":"viewer"})", {{"if-match", etag}})), "invalid");
  EXPECT_EQ(world_.Send("ana", Method::kPatch, path, R"({"rol":"viewer","empresas":[]})", {{"if-match", etag}}).status,
            200);
  EXPECT_EQ(world_.Get("eva@x.co", "/api/v1/session").status, 401);
  EXPECT_EQ(world_.Send("ana", Method::kDelete, path).status, 204);
  EXPECT_EQ(world_.Get("ana", path).status, 404);
  EXPECT_EQ(CodeOf(world_.Send("ana", Method::kDelete, "/api/v1/users/ana")), "invalid");
}

TEST_F(ApiTest, ADisabledUserIsOutAtOnce) {
  EXPECT_EQ(world_.Get("vero", "/api/v1/session").status, 200);
  const std::string token = world_.AddToken("vero", Scope::kRead);
  EXPECT_EQ(
      world_.Send("ana", Method::kPatch, "/api/v1/users/vero", R"({"habilitado":false})", {{"if-match", "*"}}).status,
      200);
  EXPECT_EQ(world_.Get("vero", "/api/v1/session").status, 401);
  EXPECT_EQ(world_.Get("", "/api/v1/companies", {{"authorization", "Bearer " + token}}).status, 401);
  EXPECT_EQ(SignIn("vero", kPassword).status, 401);
}

TEST_F(ApiTest, TheAuditLogIsFilteredAndPaged) {
  for (int i = 0; i < 3; ++i) {
    (void)world_.Send("olga", Method::kPut, "/api/v1/pause");
    (void)world_.Send("olga", Method::kDelete, "/api/v1/pause");
  }
  const auto get = [&](const std::string& query) {
    return JsonOf(world_.Get("ana", "/api/v1/audit" + query))["cambios"];
  };
  EXPECT_EQ(get("").size(), 6U);
  EXPECT_EQ(get("?accion=resume").size(), 3U);
  EXPECT_EQ(get("?usuario=ana").size(), 0U);
  const Json page = get("?limite=2");
  EXPECT_EQ(get("?limite=2&antes_de=" + std::to_string(page[1]["id"].get<int64_t>()))[0]["id"],
            page[1]["id"].get<int64_t>() - 1);
}

TEST_F(ApiTest, TextOfOthersStaysText) {
  Company company = world_.vault.catalogue().GetCompany(kMine);
  company.name = "<script>alert(1)</script>\"\\";
  world_.vault.catalogue().UpdateCompany(company);
  const Response response = world_.Get("vero", "/api/v1/companies/900000001");
  EXPECT_EQ(response.type, "application/json");
  EXPECT_EQ(JsonOf(response)["nombre"], company.name);
}

TEST_F(ApiTest, EventsTellOfJobsThatOneMaySeeAndGoOnWhereTheyWereLost) {
  const auto open = [&](const std::string& user, const std::string& last = "") {
    const Response response = world_.Get(user, "/api/v1/events", {{"last-event-id", last}});
    EXPECT_EQ(response.type, "text/event-stream");
    return response.stream;
  };
  const auto all = open("vero");
  const auto own = open("contador");
  EXPECT_THAT(*all->Take(), HasSubstr("event: inicio\n"));
  (void)own->Take();
  int rings = 0;
  all->OnReady([&] { ++rings; });
  world_.MakeBackup(kOther);
  world_.services.events.Publish(world_.vault.catalogue().GetJob(1));
  EXPECT_EQ(rings, 1);
  const std::string text = *all->Take();
  EXPECT_THAT(text,
              AllOf(HasSubstr("event: tarea\n"), HasSubstr("\"empresa\":\"900000002\""), Not(HasSubstr("proceso"))));
  EXPECT_EQ(*own->Take(), "");
  EXPECT_EQ(*all->Take(), "");
  const size_t at = text.find("id: ") + 4;
  const std::string id = text.substr(at, text.find('\n', at) - at);
  world_.services.events.Publish(world_.vault.catalogue().GetJob(1));
  const auto resumed = open("vero", id);
  EXPECT_THAT(*resumed->Take(), AllOf(HasSubstr("event: inicio"), HasSubstr("event: tarea")));
  EXPECT_THAT(*open("vero", "other-7")->Take(), HasSubstr("event: reinicio"));
  world_.vault.clock.Advance(6min);
  EXPECT_EQ(all->Take(), std::nullopt);
}

TEST_F(ApiTest, WhoFellTooFarBehindIsToldToBeginAnew) {
  const auto stream = world_.Get("vero", "/api/v1/events").stream;
  (void)stream->Take();
  world_.MakeBackup(kMine);
  const Job job = world_.vault.catalogue().GetJob(1);
  for (size_t i = 0; i < kKeptEvents + 10; ++i) world_.services.events.Publish(job);
  EXPECT_THAT(*stream->Take(), AllOf(HasSubstr("event: reinicio"), Not(HasSubstr("tarea"))));
}

TEST_F(ApiTest, RunningJobsAreLookedAtWhileSomebodyListens) {
  const auto stream = world_.Get("vero", "/api/v1/events").stream;
  (void)stream->Take();
  Job job{.company = kMine, .fiscal_year = 2026, .started = world_.vault.clock.Now()};
  job.owner = "test";
  const int64_t id = world_.vault.catalogue().StartJob(job);
  world_.services.events.Look();
  EXPECT_THAT(*stream->Take(), HasSubstr("\"estado\":\"running\""));
  world_.services.events.Look();
  EXPECT_EQ(*stream->Take(), "");
  world_.vault.catalogue().FinishJob(id, {.ended = world_.vault.clock.Now()});
  world_.services.events.Look();
  EXPECT_THAT(*stream->Take(), HasSubstr("\"estado\":\"done\""));
}

TEST_F(ApiTest, ProgressIsToldOfWithoutTheCataloguesBeingWritten) {
  const auto stream = world_.Get("vero", "/api/v1/events").stream;
  (void)stream->Take();
  Job job{.company = kMine, .fiscal_year = 2026, .started = world_.vault.clock.Now()};
  job.owner = "test";
  const int64_t id = world_.vault.catalogue().StartJob(job);
  service::JobProgress progress{.bytes = 100, .expected_bytes = 400};
  {
    const service::ProgressBoard::Entry entry(*world_.vault.wiring->progress(), id, [&] { return progress; });
    world_.services.events.Look();
    EXPECT_THAT(*stream->Take(),
                AllOf(HasSubstr("\"bytes\":100"), HasSubstr("\"porcentaje\":25"), HasSubstr("Empresa 900000001")));
    progress.bytes = 200;
    world_.services.events.Look();
    EXPECT_THAT(*stream->Take(), AllOf(HasSubstr("\"bytes\":200"), HasSubstr("\"porcentaje\":50")));
    EXPECT_EQ(world_.vault.catalogue().GetJob(id).bytes, 0U);
    const Json shown = JsonOf(world_.Get("vero", "/api/v1/jobs/" + std::to_string(id)));
    EXPECT_EQ(shown["bytes"], 200);
    EXPECT_EQ(shown["bytes_previstos"], 400);
    EXPECT_EQ(shown["nombre"], "Empresa 900000001");
    EXPECT_EQ(JsonOf(world_.Get("vero", "/api/v1/jobs"))["tareas"][0]["porcentaje"], 50);
  }
  world_.vault.catalogue().FinishJob(id, {.ended = world_.vault.clock.Now(), .bytes = 410});
  const Json ended = JsonOf(world_.Get("vero", "/api/v1/jobs/" + std::to_string(id)));
  EXPECT_EQ(ended["bytes"], 410);
  EXPECT_EQ(ended["porcentaje"], nullptr);
}

TEST_F(ApiTest, ThePlanNamesItsCompanies) {
  EXPECT_EQ(JsonOf(world_.Get("vero", "/api/v1/plan"))["bases"][0]["nombre"], "Empresa 900000001");
}

}  // namespace
}  // namespace cofre::api
