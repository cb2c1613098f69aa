#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/api_test_world.h"
#include "base/file.h"
#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"

namespace cofre::api {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

class ServerRoutesTest : public testing::Test {
 protected:
  Response Send(Method method, const std::string& target, const Json& body, const std::string& etag = "") {
    Headers headers;
    if (!etag.empty()) headers["if-match"] = etag;
    return world_.Send("ana", method, target, body.is_null() ? "" : body.dump(), headers);
  }
  Response Add(const Json& body) { return Send(Method::kPost, "/api/v1/servers", body); }
  static Json JsonOf(const Response& response) { return Json::parse(response.body, nullptr, false); }
  static std::string EtagOf(const Response& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "ETag") return value;
    }
    return "";
  }
  Response Change(const std::string& server, const Json& body) {
    const std::string target = "/api/v1/servers/" + server + "/settings";
    return Send(Method::kPatch, target, body, EtagOf(world_.Get("ana", target)));
  }
  std::string InConfigFolder(const std::string& name) { return world_.vault.folder.File(name); }
  Json Test(const std::string& server) {
    const Response response = Send(Method::kPost, "/api/v1/servers/" + server + "/test", Json::object());
    EXPECT_EQ(response.status, 200) << response.body;
    return JsonOf(response);
  }
  // A configuration with what follows in it.
  void Configure(const std::string& more) {
    world_.vault.config = service::ParseConfig(
        "almacen = \"file:store\"\nclave_maestra = \"key\"\n"
        "directorio_estado = \"state\"\n" +
            more,
        InConfigFolder("cofre.toml"));
    world_.vault.wiring = std::make_shared<service::Wiring>(world_.vault.config, world_.vault.clock);
  }
  AuditEntry LastAudit() { return world_.services.accounts.ListAudit({}, 1).at(0); }

  ApiWorld world_;
};

TEST_F(ServerRoutesTest, AServerIsRegisteredChangedAndRemoved) {
  const Response added =
      Add({{"servidor", "fb1"}, {"host", "10.0.0.5"}, {"usuario", "SYSDBA"}, {"maximo_simultaneo", 2}});
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(world_.vault.catalogue().GetServer("fb1").max_concurrent, 2U);
  EXPECT_EQ(LastAudit().action, "server.add");
  EXPECT_EQ(Add({{"servidor", "fb1"}}).status, 409);
  const Json changed = JsonOf(Change("fb1", {{"puerto", 3051}, {"host", nullptr}}));
  EXPECT_EQ(changed["puerto"], 3051);
  EXPECT_EQ(changed["host"], nullptr);
  EXPECT_EQ(changed["usuario"], "SYSDBA");
  EXPECT_THAT(LastAudit().before, HasSubstr("10.0.0.5"));
  EXPECT_EQ(JsonOf(Change("fb1", {{"puerto", nullptr}}))["puerto"], nullptr);
  EXPECT_EQ(Send(Method::kPatch, "/api/v1/servers/fb1/settings", {{"puerto", 1}}).status, 428);
  EXPECT_EQ(Send(Method::kPatch, "/api/v1/servers/fb1/settings", {{"puerto", 1}}, "\"old\"").status, 412);
  EXPECT_EQ(Send(Method::kDelete, "/api/v1/servers/fb1", nullptr).status, 204);
  EXPECT_EQ(Send(Method::kDelete, "/api/v1/servers/fb1", nullptr).status, 404);
  EXPECT_EQ(Send(Method::kDelete, "/api/v1/servers/srv1", nullptr).status, 409);
}

TEST_F(ServerRoutesTest, EachFieldsBadValuesAreRefusedByName) {
  const std::vector<std::pair<Json, std::string>> bad{
      {{{"servidor", "Mayúscula"}}, "Mayúscula"},
      {{{"servidor", "../x"}}, "../x"},
      {{{"host", "x"}}, "servidor"},
      {{{"servidor", "a"}, {"motor", "oracle"}}, "oracle"},
      {{{"servidor", "a"}, {"host", "-i"}}, "-i"},
      {{{"servidor", "a"}, {"host", "evil/3050:/etc"}}, "evil"},
      {{{"servidor", "a"}, {"host", "a b"}}, "a b"},
      {{{"servidor", "a"}, {"host", "x\n"}}, "host"},
      {{{"servidor", "a"}, {"host", std::string(300, 'a')}}, "host"},
      {{{"servidor", "a"}, {"puerto", 65536}}, "puerto"},
      {{{"servidor", "a"}, {"puerto", -1}}, "puerto"},
      {{{"servidor", "a"}, {"puerto", 1.5}}, "puerto"},
      {{{"servidor", "a"}, {"puerto", "3050"}}, "puerto"},
      {{{"servidor", "a"}, {"usuario", "a\tb"}}, "user"},
      {{{"servidor", "a"}, {"maximo_simultaneo", 0}}, "maximo_simultaneo"},
      {{{"servidor", "a"}, {"maximo_simultaneo", 1e9}}, "maximo_simultaneo"},
      {{{"servidor", "a"}, {"comando", {"sh"}}}, "comando"},
      {{{"servidor", "a"}, {"clave", "secret"}}, "clave"},
  };
  for (const auto& [body, named] : bad) {
    const Response response = Add(body);
    EXPECT_EQ(response.status, 400) << body << response.body;
    EXPECT_THAT(response.body, HasSubstr(named)) << body;
  }
  EXPECT_EQ(world_.vault.catalogue().ListServers().size(), 1U);
}

TEST_F(ServerRoutesTest, NoProgramComesInThroughTheApi) {
  EXPECT_EQ(Add({{"servidor", "a"}, {"motor", "command"}}).status, 400);
  EXPECT_EQ(Add({{"servidor", "a"}, {"motor", "folder"}}).status, 400);
  EXPECT_EQ(Add({{"servidor", "b"}, {"motor", "sqlite"}}).status, 201);
  EXPECT_THAT(Change("b", {{"motor", "command"}}).body, HasSubstr("output of programs"));
  EXPECT_EQ(Change("srv1", {{"motor", "firebird"}}).status, 400);
  EXPECT_EQ(Change("srv1", {{"maximo_simultaneo", 3}}).status, 200);
}

TEST_F(ServerRoutesTest, OnlyFilesThatAreNamedAsPasswordsOfServersCanBeOne) {
  Configure(
      "[correo]\nservidor = \"x\"\nde = \"a@x.co\"\npara = [\"b@x.co\"]\nusuario = \"u\"\n"
      "archivo_clave = \"correo.password\"\n");
  for (const std::string& file :
       {std::string("/etc/shadow"), InConfigFolder("key"), InConfigFolder("correo.password"),
        InConfigFolder("state/x.password"), InConfigFolder("../x.password"), std::string("x.password"),
        InConfigFolder(".password"), InConfigFolder("sub/../x.password")}) {
    const Response response = Add({{"servidor", "a"}, {"archivo_clave", file}});
    EXPECT_EQ(response.status, 400) << file << response.body;
  }
  EXPECT_EQ(Add({{"servidor", "a"}, {"archivo_clave", InConfigFolder("a.password")}}).status, 201);
  // What the command line has set stays, and others may have it too.
  world_.vault.catalogue().AddServer({.name = "b", .password_file = "/elsewhere/b"});
  EXPECT_EQ(Change("b", {{"archivo_clave", "/elsewhere/b"}, {"puerto", 9}}).status, 200);
  EXPECT_EQ(Change("a", {{"archivo_clave", "/elsewhere/b"}}).status, 200);
  EXPECT_EQ(JsonOf(Change("a", {{"archivo_clave", nullptr}}))["archivo_clave"], nullptr);
}

TEST_F(ServerRoutesTest, ViewersSeeNoPasswordFiles) {
  world_.vault.catalogue().AddServer({.name = "b", .password_file = "/elsewhere/b"});
  EXPECT_THAT(world_.Get("vero", "/api/v1/servers/b").body, Not(HasSubstr("elsewhere")));
  EXPECT_THAT(world_.Get("olga", "/api/v1/servers").body, Not(HasSubstr("elsewhere")));
}

TEST_F(ServerRoutesTest, WithoutAServerToReachTheTestSaysSo) {
  EXPECT_THAT(Test("srv1")["mensaje"], HasSubstr("output of programs"));
  Add({{"servidor", "files"}, {"motor", "sqlite"}});
  EXPECT_EQ(Test("files")["exito"], true);
}

TEST_F(ServerRoutesTest, ADeadServerAndAMissingPasswordFileAreToldInWords) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  Add({{"servidor", "fb1"}, {"host", "127.0.0.1"}, {"puerto", 1}, {"usuario", "SYSDBA"}});
  const Json dead = Test("fb1");
  EXPECT_EQ(dead["exito"], false);
  EXPECT_EQ(dead["error"], "transient");
  EXPECT_THAT(dead["ayuda"], HasSubstr("host, port and network"));
  Change("fb1", {{"archivo_clave", InConfigFolder("none.password")}});
  const Json missing = Test("fb1");
  EXPECT_EQ(missing["error"], "auth");
  EXPECT_THAT(missing["mensaje"], HasSubstr("none.password"));
  EXPECT_EQ(LastAudit().action, "server.test");
}

class RealServerTest : public ServerRoutesTest {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_FIREBIRD");
    COFRE_REQUIRE_FIREBIRD_TOOLS();
    server_ = test::TestFirebirdServer();
    WriteSecretFile(InConfigFolder("fb1.password"), server_.password);
    WriteSecretFile(InConfigFolder("wrong.password"), Secret("not the password"));
    ASSERT_EQ(Add({{"servidor", "fb1"},
                   {"host", server_.host},
                   {"puerto", server_.port},
                   {"usuario", server_.user},
                   {"archivo_clave", InConfigFolder("fb1.password")}})
                  .status,
              201);
    database_ = server_.folder + "/api-" + std::to_string(getpid()) + ".fdb";
  }
  void TearDown() override {
    std::error_code ignored;
    if (!database_.empty()) std::filesystem::remove(database_, ignored);
  }

  test::FirebirdServer server_;
  std::string database_;
};

TEST_F(RealServerTest, ATestSignsInWithAndWithoutADatabaseAndTellsAWrongPassword) {
  const Json none = Test("fb1");
  EXPECT_EQ(none["exito"], true) << none;
  EXPECT_THAT(none["mensaje"], HasSubstr("takes the user"));
  Change("fb1", {{"archivo_clave", InConfigFolder("wrong.password")}});
  const Json wrong = Test("fb1");
  EXPECT_EQ(wrong["exito"], false) << wrong;
  EXPECT_EQ(wrong["error"], "auth");
  EXPECT_THAT(wrong.dump(), Not(HasSubstr("not the password")));
  Change("fb1", {{"archivo_clave", InConfigFolder("fb1.password")}});
  test::CreateCompany(server_.Address(database_), "0.001", server_.password);
  world_.vault.catalogue().AddCompany({.id = "900000009", .name = "Nueve", .server = "fb1"});
  world_.vault.catalogue().AddDatabase({.company = "900000009", .fiscal_year = 2026, .path = database_},
                                       world_.vault.clock.Now());
  const Json found = Test("fb1");
  EXPECT_EQ(found["exito"], true) << found;
  EXPECT_THAT(found["version"], HasSubstr("."));
}

TEST_F(RealServerTest, ADiscoveryAsksTheServerAndShowsWhatIsNew) {
  test::CreateCompany(server_.Address(database_), "0.001", server_.password);
  Configure("[[descubrimiento]]\nservidor = \"fb1\"\nbase = \"" + database_ +
            "\"\nconsulta = \"SELECT '900000009;2026;/datos/nueve.fdb;Nueve' FROM RDB$DATABASE\"\n");
  EXPECT_EQ(JsonOf(world_.Get("ana", "/api/v1/servers/fb1/settings"))["descubrimiento"], "consulta");
  ASSERT_EQ(Send(Method::kPost, "/api/v1/servers/fb1/discovery", Json::object()).status, 202);
  Json shown;
  for (int i = 0; i < 600; ++i) {
    shown = JsonOf(world_.Get("ana", "/api/v1/servers/fb1/discovery"));
    if (shown["estado"] != "running") break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(shown["estado"], "done") << shown;
  EXPECT_EQ(shown["nuevas"]["bases"][0]["empresa"], "900000009");
  EXPECT_EQ(world_.vault.catalogue().GetCompany("900000009").name, "Nueve");
}

TEST_F(ServerRoutesTest, ADiscoveryThatFailsSaysWhyAndOneThatIsNotConfiguredIsNotFound) {
  EXPECT_EQ(Send(Method::kPost, "/api/v1/servers/srv1/discovery", Json::object()).status, 404);
  EXPECT_EQ(world_.Get("ana", "/api/v1/servers/srv1/discovery").status, 404);
  Configure("[[descubrimiento]]\nservidor = \"srv1\"\ncomando = [\"sh\", \"-c\", \"echo broken >&2; exit 3\"]\n");
  ASSERT_EQ(Send(Method::kPost, "/api/v1/servers/srv1/discovery", Json::object()).status, 202);
  Json shown;
  for (int i = 0; i < 600; ++i) {
    shown = JsonOf(world_.Get("ana", "/api/v1/servers/srv1/discovery"));
    if (shown["estado"] != "running") break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(shown["estado"], "failed") << shown;
  EXPECT_THAT(shown["mensaje"], HasSubstr("exit"));
  EXPECT_THAT(shown["nuevas"]["bases"], IsEmpty());
}

}  // namespace
}  // namespace cofre::api
