#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/api_test_world.h"

namespace cofre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CompanyAdminTest : public testing::Test {
 protected:
  CompanyAdminTest() {
    world_.vault.catalogue().AddServer({.name = "fb1", .host = "10.0.0.5"});
    world_.vault.catalogue().AddServer({.name = "files", .engine = Engine::kSqlite});
  }

  Response Send(Method method, const std::string& target, const Json& body, const std::string& etag = "") {
    Headers headers;
    if (!etag.empty()) headers["if-match"] = etag;
    return world_.Send("ana", method, target, body.is_null() ? "" : body.dump(), headers);
  }
  Response Add(const Json& body) { return Send(Method::kPost, "/api/v1/companies", body); }
  Response Import(const std::string& csv, bool only_try = false) {
    return Send(Method::kPost, "/api/v1/companies/import", {{"csv", csv}, {"prueba", only_try}});
  }
  static Json JsonOf(const Response& response) {
    EXPECT_LT(response.status, 300) << response.body;
    return Json::parse(response.body, nullptr, false);
  }
  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    for (const AuditEntry& entry : world_.services.accounts.ListAudit({}, 100)) actions.push_back(entry.action);
    return actions;
  }
  catalogue::Catalogue& catalogue() { return world_.vault.catalogue(); }

  ApiWorld world_;
};

TEST_F(CompanyAdminTest, ACompanyIsRegisteredWithTheConfigurationsDefaults) {
  const Json added = JsonOf(Add({{"empresa", "900.869.750-0"}, {"nombre", " Ferretería Peña "}, {"servidor", "fb1"}}));
  EXPECT_EQ(added["empresa"], "900869750");
  EXPECT_EQ(added["nombre"], "Ferretería Peña");
  EXPECT_EQ(added["hora_backup"], "01:00");
  EXPECT_EQ(added["repositorio"], "fb1/900869750");
  EXPECT_THAT(Actions(), ElementsAre("company.add"));
  EXPECT_EQ(Add({{"empresa", "900869750"}, {"servidor", "fb1"}}).status, 409);
  EXPECT_EQ(world_.Get("ana", "/api/v1/companies/900869750").status, 200);
}

TEST_F(CompanyAdminTest, EachFieldsBadValuesAreRefused) {
  const Json good{{"empresa", "900000003"}, {"nombre", "Tres"}, {"servidor", "fb1"}};
  const std::vector<std::pair<std::string, Json>> bad{
      {"empresa", "abc"},
      {"empresa", ""},
      {"empresa", nullptr},
      {"nombre", ""},
      {"nombre", "a\nb"},
      {"nombre", std::string(2000, 'a')},
      {"servidor", "Otro Más"},
      {"servidor", nullptr},
      {"backups_habilitados", "si"},
      {"hora_backup", "25:00"},
      {"hora_backup", 1},
      {"limite_espacio_gb", 0},
      {"limite_espacio_gb", -1},
      {"limite_espacio_gb", 1e12},
      {"zona_horaria", "Marte/X"},
      {"repositorio", "a/b"},
      {"comando", {"sh"}},
  };
  for (const auto& [key, value] : bad) {
    Json body = good;
    body[key] = value;
    EXPECT_EQ(Add(body).status, 400) << body;
  }
  Json body = good;
  body["servidor"] = "nowhere";
  EXPECT_EQ(Add(body).status, 404);
  EXPECT_FALSE(catalogue().FindCompany("900000003"));
}

TEST_F(CompanyAdminTest, ADatabaseIsRegisteredMovedAndRemoved) {
  Add({{"empresa", "900000003"}, {"servidor", "fb1"}});
  const std::string all = "/api/v1/companies/900000003/databases";
  const std::string one = all + "/2025";
  EXPECT_EQ(Send(Method::kPost, all, {{"anio_fiscal", 2025}, {"base", "C:\\Año\\A.FDB"}}).status, 201);
  EXPECT_EQ(Send(Method::kPost, all, {{"anio_fiscal", 2025}, {"base", "x"}}).status, 409);
  EXPECT_EQ(Send(Method::kPatch, one, {{"base", "B.FDB"}}).status, 428);
  EXPECT_EQ(Send(Method::kPatch, one, {{"base", "B.FDB"}}, "\"x\"").status, 412);
  EXPECT_EQ(Send(Method::kPatch, one, {{"base", "B.FDB"}}, "*").status, 200);
  EXPECT_EQ(catalogue().GetDatabase("900000003", 2025).path, "B.FDB");
  EXPECT_EQ(JsonOf(world_.Get("ana", one))["base"], "B.FDB");
  EXPECT_EQ(Send(Method::kDelete, one, nullptr).status, 204);
  EXPECT_EQ(world_.Get("ana", one).status, 404);
  EXPECT_THAT(Actions(), ElementsAre("database.remove", "database.change", "database.add", "company.add"));
}

TEST_F(CompanyAdminTest, ADatabaseWithBackupsIsForgottenOnlyWhenThatIsSaid) {
  world_.MakeBackup(kMine);
  const std::string one = "/api/v1/companies/900000001/databases/2026";
  const Response refused = Send(Method::kDelete, one, nullptr);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("1 backups"));
  EXPECT_EQ(Send(Method::kDelete, one + "?olvidar_respaldos=2", nullptr).status, 400);
  EXPECT_EQ(Send(Method::kDelete, one + "?olvidar_respaldos=1", nullptr).status, 204);
  EXPECT_TRUE(catalogue().ListDatabases({.company = kMine}).empty());
}

TEST_F(CompanyAdminTest, NoProgramAndNoFileOfOursBecomesADatabase) {
  Add({{"empresa", "900000003"}, {"servidor", "fb1"}});
  Add({{"empresa", "900000004"}, {"servidor", "files"}});
  const auto add = [&](const std::string& company, const Json& base, const Json& year = 2024) {
    return Send(Method::kPost, "/api/v1/companies/" + company + "/databases", {{"anio_fiscal", year}, {"base", base}})
        .status;
  };
  EXPECT_EQ(add(kMine, "/data/x.fdb"), 400);  // of a server of commands
  catalogue().AddServer({.name = "folders", .engine = Engine::kFolder});
  Add({{"empresa", "900000005"}, {"servidor", "folders"}});
  EXPECT_EQ(add("900000005", "/srv/adjuntos"), 400);
  EXPECT_EQ(Send(Method::kPost, "/api/v1/companies/900000003/databases",
                 {{"anio_fiscal", 2024}, {"base", "x"}, {"comando", {"sh"}}})
                .status,
            400);
  EXPECT_EQ(add("900000004", "relative.db"), 400);
  EXPECT_EQ(add("900000004", "-option"), 400);
  EXPECT_EQ(add("900000004", world_.vault.config.catalogue), 400);
  EXPECT_EQ(add("900000004", world_.vault.folder.File("state/../state/x.db")), 400);
  EXPECT_EQ(add("900000003", ""), 400);
  EXPECT_EQ(add("900000003", 7), 400);
  EXPECT_EQ(add("900000003", "a\nb"), 400);
  EXPECT_EQ(add("900000003", "x", 12345), 400);
  EXPECT_EQ(add("900000003", "x", "2024"), 400);
  EXPECT_EQ(add("900000004", "/data/x.db"), 201);
}

TEST_F(CompanyAdminTest, AnImportIsTriedFirstAndThenDone) {
  Add({{"empresa", "900000003"}, {"nombre", "Tres"}, {"servidor", "fb1"}});
  const std::string csv =
      "empresa,nombre,servidor,anio_fiscal,base\n"
      "900000003,Tres y Medio,fb1,2025,A.FDB\n"
      "900000005,Cinco,fb1,2025,B.FDB\n900000005,Cinco,fb1,2026,C.FDB\n";
  const Json tried = JsonOf(Import(csv, true));
  EXPECT_EQ(tried["empresas"]["nuevas"], 1);
  EXPECT_EQ(tried["empresas"]["cambiadas"], 1);
  EXPECT_EQ(tried["bases"]["nuevas"], 3);
  EXPECT_EQ(tried["cambios"][0]["estado"], "cambiada");
  EXPECT_EQ(tried["cambios"][1]["bases"][1]["base"], "C.FDB");
  EXPECT_FALSE(catalogue().FindCompany("900000005"));
  EXPECT_THAT(Actions(), ElementsAre("company.add"));
  const Json done = JsonOf(Import(csv));
  EXPECT_EQ(done["empresas"], tried["empresas"]);
  EXPECT_EQ(catalogue().GetCompany("900000003").name, "Tres y Medio");
  EXPECT_EQ(catalogue().ListDatabases({.company = "900000005"}).size(), 2U);
  EXPECT_THAT(Actions(), ElementsAre("company.import", "database.add", "database.add", "company.add", "database.add",
                                     "company.change", "company.add"));
  const Json again = JsonOf(Import(csv));
  EXPECT_EQ(again["empresas"]["sin_cambios"], 2);
  EXPECT_TRUE(again["cambios"].empty());
}

TEST_F(CompanyAdminTest, ABadRowIsNamedWithItsColumnAndNothingIsImported) {
  const std::string head = "empresa,nombre,servidor,anio_fiscal,base\n900000005,Cinco,fb1,2025,B.FDB\n";
  const std::vector<std::pair<std::string, std::string>> bad{
      {head + "900000006,Seis,fb1,20x6,C.FDB\n", "anio_fiscal"},
      {head + "900000006,Seis,nowhere,2026,C.FDB\n", "row 3, column servidor"},
      {head + "900000006,Seis,srv1,2026,C.FDB\n", "row 3, column servidor"},
      {head + "900000006,Seis,files,2026,relative.db\n", "row 3, column base"},
      {"empresa,nombre\n1,2\n", "column"},
      {"", "row"},
  };
  for (const auto& [csv, named] : bad) {
    const Response response = Import(csv);
    EXPECT_GE(response.status, 400) << csv;
    EXPECT_LT(response.status, 500) << csv;
    EXPECT_THAT(response.body, HasSubstr(named));
  }
  EXPECT_FALSE(catalogue().FindCompany("900000005"));
  EXPECT_EQ(Send(Method::kPost, "/api/v1/companies/import", {{"csv", 7}}).status, 400);
  EXPECT_EQ(Send(Method::kPost, "/api/v1/companies/import", {{"csv", "x"}, {"prueba", "no"}}).status, 400);
}

}  // namespace
}  // namespace cofre::api
