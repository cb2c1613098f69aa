#include "service/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "service/config_test_text.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST(ConfigTest, WhatIsNotSaidHasItsDefault) {
  const Config config = ParseText(kNeeded);
  EXPECT_EQ(config.file, kConfigPath);
  EXPECT_EQ(config.store, "file:/almacen");
  EXPECT_EQ(config.master_key_file, "/etc/cofre/clave");
  EXPECT_EQ(config.state_directory, "/var/lib/cofre");
  EXPECT_EQ(config.catalogue, "/var/lib/cofre/catalogo.db");
  EXPECT_EQ(config.time_zone, "America/Bogota");
  EXPECT_EQ(config.s3.style, S3Style::kAuto);
  EXPECT_EQ(config.firebird.gbak, "gbak");
  EXPECT_EQ(config.limits.stall, 300s);
  EXPECT_EQ(config.limits.endless, 1800s);
  EXPECT_EQ(config.retention, (planner::RetentionPolicy{3, 1}));
  EXPECT_EQ(config.first_fiscal_month, 1U);
  EXPECT_EQ(config.company.backup_time, 60min);
  EXPECT_EQ(config.company.space_limit_bytes, uint64_t{1} << 30);
}

TEST(ConfigTest, EveryKeyIsRead) {
  const Config config = ParseText(R"(
almacen = "s3:https://s3.example.com/bucket/cofre"
clave_maestra = "/secretos/maestra"
directorio_estado = "/estado"
catalogo = "/otro/catalogo.db"
zona_horaria = "America/Lima"
[s3]
region = "eu-central-1"
estilo = "ruta"
archivo_ca = "/ca.pem"
clave_acceso = "AKIA"
archivo_clave_secreta = "/secretos/s3"
[firebird]
gbak = "/opt/firebird/bin/gbak"
isql = "isql"
gfix = "gfix25"
nbackup = "nbackup25"
[limites]
estancado_segundos = 60
maximo_segundos = 7200
[politica]
respaldos_anio_actual = 5
respaldos_anio_cerrado = 2
mes_inicio_fiscal = 7
[servicio]
historial_dias = 31
[empresas]
hora_backup = "22:30"
limite_espacio_gb = 0.5
)");
  EXPECT_EQ(config.store, "s3:https://s3.example.com/bucket/cofre");
  EXPECT_EQ(config.master_key_file, "/secretos/maestra");
  EXPECT_EQ(config.state_directory, "/estado");
  EXPECT_EQ(config.catalogue, "/otro/catalogo.db");
  EXPECT_EQ(config.time_zone, "America/Lima");
  EXPECT_EQ(config.s3.region, "eu-central-1");
  EXPECT_EQ(config.s3.style, S3Style::kPath);
  EXPECT_EQ(config.s3.ca_file, "/ca.pem");
  EXPECT_EQ(config.s3.access_key, "AKIA");
  EXPECT_EQ(config.s3.secret_key_file, "/secretos/s3");
  EXPECT_EQ(config.firebird.gbak, "/opt/firebird/bin/gbak");
  EXPECT_EQ(config.firebird.isql, "isql");
  EXPECT_EQ(config.firebird.gfix, "gfix25");
  EXPECT_EQ(config.firebird.nbackup, "nbackup25");
  EXPECT_EQ(config.limits.stall, 60s);
  EXPECT_EQ(config.limits.endless, 7200s);
  EXPECT_EQ(config.retention, (planner::RetentionPolicy{5, 2}));
  EXPECT_EQ(config.first_fiscal_month, 7U);
  EXPECT_EQ(config.service.keep_history, 31 * 24h);
  EXPECT_EQ(config.company.backup_time, 22h + 30min);
  EXPECT_EQ(config.company.space_limit_bytes, uint64_t{1} << 29);
}

TEST(ConfigTest, RelativePathsAreRelativeToTheFile) {
  const Config config = ParseConfig(
      "almacen = \"file:datos/../almacén\"\nclave_maestra = \"claves/maestra\"\ndirectorio_estado = \"./estado\"\n"
      "[firebird]\ngbak = \"bin/gbak\"\n[s3]\narchivo_ca = \"ca.pem\"\n",
      "/srv/cofre/conf.toml");
  EXPECT_EQ(config.store, "file:/srv/cofre/almacén");
  EXPECT_EQ(config.master_key_file, "/srv/cofre/claves/maestra");
  EXPECT_EQ(config.state_directory, "/srv/cofre/estado");
  EXPECT_EQ(config.catalogue, "/srv/cofre/estado/catalogo.db");
  EXPECT_EQ(config.firebird.gbak, "/srv/cofre/bin/gbak");
  EXPECT_EQ(config.s3.ca_file, "/srv/cofre/ca.pem");
}

TEST(ConfigTest, AnUnknownKeyIsNamedWithItsLineAndTheNearestKnownOne) {
  EXPECT_THAT(RefusalOf(kNeeded + "alamcen = \"x\"\n"),
              StartsWith("/etc/cofre/cofre.toml:3: the key 'alamcen' is unknown | did you mean 'almacen'?"));
  EXPECT_THAT(
      RefusalOf(kNeeded + "\n[politica]\nrespaldo_anio_actual = 3\n"),
      StartsWith("/etc/cofre/cofre.toml:5: the key 'respaldo_anio_actual' in [politica] is unknown | did you mean "
                 "'respaldos_anio_actual'?"));
  EXPECT_THAT(RefusalOf(kNeeded + "[politicas]\nx = 3\n"),
              StartsWith("/etc/cofre/cofre.toml:3: the section [politicas] is unknown | did you mean 'politica'?"));
  EXPECT_THAT(RefusalOf(kNeeded + "[s3.otra]\nx = 3\n"), HasSubstr("the key 'otra' in [s3] is unknown"));
}

TEST(ConfigTest, ASecretInTheFileIsRefusedAndNotShown) {
  const std::string refusal = RefusalOf(kNeeded + "[s3]\nclave_secreta = \"hunter2\"\n");
  EXPECT_THAT(refusal, AllOf(HasSubstr("a secret never stands here"), HasSubstr("archivo_clave_secreta")));
  EXPECT_THAT(refusal, Not(HasSubstr("hunter2")));
  EXPECT_THAT(RefusalOf("almacen = \"https://llave:hunter2@host/b\"\n"), Not(HasSubstr("hunter2")));
}

TEST(ConfigTest, AValueOfAnotherTypeIsNamed) {
  EXPECT_THAT(
      RefusalOf("almacen = 7\nclave_maestra = \"x\"\n"),
      StartsWith("/etc/cofre/cofre.toml:1: almacen must be text, and is a whole number | put the value in quotes"));
  EXPECT_THAT(RefusalOf(kNeeded + "[limites]\nmaximo_segundos = \"30\"\n"),
              HasSubstr(":4: limites.maximo_segundos must be a whole number, and is text"));
  EXPECT_THAT(RefusalOf(kNeeded + "[limites]\nmaximo_segundos = 1.5\n"), HasSubstr("and is a number"));
  EXPECT_THAT(RefusalOf(kNeeded + "zona_horaria = [\"a\"]\n"), HasSubstr("and is a list"));
  EXPECT_THAT(RefusalOf(kNeeded + "zona_horaria = true\n"), HasSubstr("and is true or false"));
  EXPECT_THAT(RefusalOf(kNeeded + "[empresas]\nhora_backup = 01:00:00\n"),
              HasSubstr("must be text, and is a date or time"));
  EXPECT_THAT(RefusalOf(kNeeded + "[empresas]\nlimite_espacio_gb = \"1\"\n"),
              HasSubstr("must be a number, and is text"));
  EXPECT_THAT(RefusalOf(kNeeded + "s3 = \"x\"\n"), HasSubstr(":3: s3 must be a section"));
  EXPECT_THAT(RefusalOf(kNeeded + "[catalogo]\n"), HasSubstr("catalogo must be text, and is a table"));
  EXPECT_THAT(RefusalOf(kNeeded + "[[s3]]\nregion = \"x\"\n"), HasSubstr("s3 must be a section"));
}

TEST(ConfigTest, AValueOutOfRangeIsNamed) {
  EXPECT_THAT(RefusalOf(kNeeded + "[politica]\nrespaldos_anio_actual = 0\n"),
              HasSubstr(":4: politica.respaldos_anio_actual: 0 is not one from 1 to 366"));
  EXPECT_THAT(RefusalOf(kNeeded + "[politica]\nmes_inicio_fiscal = 13\n"), HasSubstr("13 is not one from 1 to 12"));
  EXPECT_THAT(RefusalOf(kNeeded + "[servicio]\nhistorial_dias = 30\n"), HasSubstr("30 is not one from 31 to"));
  EXPECT_THAT(RefusalOf(kNeeded + "[limites]\nestancado_segundos = -1\n"), HasSubstr("-1 is not one from 1 to 604800"));
  EXPECT_THAT(RefusalOf(kNeeded + "[empresas]\nhora_backup = \"25:00\"\n"),
              HasSubstr(":4: empresas.hora_backup: the backup time '25:00'"));
  for (const char* limit : {"0", "-1", "0.0", "nan", "inf", "-0.5", "1e300"}) {
    EXPECT_THAT(RefusalOf(kNeeded + "[empresas]\nlimite_espacio_gb = " + limit + "\n"),
                HasSubstr("empresas.limite_espacio_gb"))
        << limit;
  }
  EXPECT_THAT(RefusalOf(kNeeded + "zona_horaria = \"Bogota\"\n"),
              AllOf(HasSubstr(":3: zona_horaria: the time zone 'Bogota'"), HasSubstr("America/Bogota")));
  EXPECT_THAT(RefusalOf(kNeeded + "[s3]\nestilo = \"virtual\"\n"),
              HasSubstr("'virtual' is not one of auto, ruta, host"));
  EXPECT_THAT(RefusalOf(kNeeded + "[firebird]\ngbak = \"\"\n"), HasSubstr("firebird.gbak: the value is empty"));
  EXPECT_THAT(RefusalOf(kNeeded + "[firebird]\ngbak = \"a\\nb\"\n"), HasSubstr("control character"));
}

TEST(ConfigTest, AStoreIsAnS3AddressOrAFolder) {
  for (const char* store :
       {"/almacen", "file:", "ftp://x", "http://x/y", "s3:https://host", "s3:https://host/Bucket?"}) {
    EXPECT_THAT(RefusalOf(std::string("almacen = \"") + store + "\"\nclave_maestra = \"x\"\n"),
                AllOf(HasSubstr(":1: almacen: "), HasSubstr("s3:https://host/bucket/prefix")))
        << store;
  }
}

TEST(ConfigTest, WhatIsNeededIsAskedFor) {
  EXPECT_THAT(RefusalOf("clave_maestra = \"x\"\n"),
              StartsWith("/etc/cofre/cofre.toml: the key almacen is missing | add a line such as: almacen = \"s3:"));
  EXPECT_THAT(RefusalOf("almacen = \"file:/x\"\n"), HasSubstr("the key clave_maestra is missing"));
}

TEST(ConfigTest, KeysOfS3ComeTogether) {
  EXPECT_THAT(RefusalOf(kNeeded + "[s3]\nclave_acceso = \"AKIA\"\n"),
              HasSubstr(":4: s3.clave_acceso is there without s3.archivo_clave_secreta"));
  EXPECT_THAT(RefusalOf(kNeeded + "[s3]\narchivo_clave_secreta = \"x\"\n"),
              HasSubstr(":4: s3.archivo_clave_secreta is there without s3.clave_acceso"));
}

TEST(ConfigTest, TextThatIsNoTomlIsNamedWithItsLine) {
  EXPECT_THAT(RefusalOf(kNeeded + "zona_horaria = America/Bogota\n"),
              StartsWith("/etc/cofre/cofre.toml:3: this is not TOML: "));
  EXPECT_THAT(RefusalOf(kNeeded + "almacen = \"file:/otra\"\n"), StartsWith("/etc/cofre/cofre.toml:3: "));
  EXPECT_THAT(RefusalOf(kNeeded + "zona_horaria = \"\xF1\"\n"), HasSubstr("this is not TOML"));
  EXPECT_THAT(RefusalOf(kNeeded + "x = " + std::string(5000, '[')), HasSubstr("this is not TOML"));
}

class ConfigFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_) << text; }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.File("cofre.toml");
};

std::string Failure(const std::string& path) {
  try {
    LoadConfig(path);
  } catch (const Error& error) {
    return std::string(ErrorKindName(error.kind())) + ": " + error.what() + " | " + error.hint();
  }
  return "";
}

TEST_F(ConfigFileTest, AFileIsRead) {
  Write(kNeeded);
  EXPECT_EQ(LoadConfig(path_).master_key_file, folder_.File("clave"));
}

TEST_F(ConfigFileTest, AMissingFileSaysHowToMakeOne) {
  EXPECT_THAT(Failure(path_),
              AllOf(StartsWith("not_found: there is no configuration at " + path_), HasSubstr("cofre init")));
}

TEST_F(ConfigFileTest, AFileThatEverybodyMayWriteIsRefused) {
  Write(kNeeded);
  chmod(path_.c_str(), 0666);
  EXPECT_THAT(Failure(path_), AllOf(StartsWith("usage: "), HasSubstr("chmod o-w")));
}

TEST_F(ConfigFileTest, AHugeFileIsRefused) {
  Write(kNeeded + "#" + std::string(1024 * 1024, 'x'));
  EXPECT_THAT(Failure(path_), StartsWith("permanent: "));
}

TEST_F(ConfigFileTest, ACheckFindsAllProblemsInTheOrderOfTheFile) {
  Write("zona_horaria = 7\nalmacen = \"x\"\n[limites]\nestancado_segundos = 0\nmaximo = 1\n");
  std::vector<std::string> places;
  for (const Error& problem : FindConfigProblems(path_)) {
    const std::string text = std::string(problem.what()).substr(path_.size());
    places.push_back(text.substr(0, text.find(' ', 4)));
  }
  EXPECT_THAT(places,
              ElementsAre(": the", ":1: zona_horaria", ":2: almacen:", ":4: limites.estancado_segundos:", ":5: the"));
  Write(kNeeded);
  EXPECT_THAT(FindConfigProblems(path_), IsEmpty());
  EXPECT_EQ(FindConfigProblems(folder_.File("none")).size(), 1U);
}

TEST(ConfigPathTest, TheOptionComesBeforeTheEnvironmentAndThatBeforeTheSystem) {
  unsetenv("COFRE_CONFIG");
  EXPECT_EQ(ConfigPath(""), "/etc/cofre/cofre.toml");
  setenv("COFRE_CONFIG", "/env.toml", 1);
  EXPECT_EQ(ConfigPath(""), "/env.toml");
  EXPECT_EQ(ConfigPath("/option.toml"), "/option.toml");
  setenv("COFRE_CONFIG", "", 1);
  EXPECT_EQ(ConfigPath(""), "/etc/cofre/cofre.toml");
  unsetenv("COFRE_CONFIG");
}

TEST(DefaultConfigTest, WhatInitWritesIsRead) {
  const InitialConfig initial{.store = "file:/srv/\"copias\" \\ ñ",
                              .catalogue = "/var/lib/cofre/catalogo.db",
                              .master_key_file = "/etc/cofre/clave_maestra",
                              .state_directory = "/var/lib/cofre"};
  const Config config = ParseText(DefaultConfigText(initial));
  EXPECT_EQ(config.store, initial.store);
  EXPECT_EQ(config.catalogue, initial.catalogue);
  EXPECT_EQ(config.master_key_file, initial.master_key_file);
  EXPECT_EQ(config.state_directory, initial.state_directory);
}

TEST(DefaultConfigTest, ItsCommentedKeysAreKnownAndShowTheDefaults) {
  std::string text = DefaultConfigText({"file:/a", "/c", "/k", "/s"});
  // Every "# key = value" becomes "key = value", and "# [[section]]" a section.
  for (size_t at = 0; (at = text.find("\n# ", at)) != std::string::npos; ++at) {
    const size_t end = text.find('\n', at + 1);
    const std::string line = text.substr(at + 3, end - at - 3);
    const size_t equals = line.find(" = ");
    const bool is_key = equals != std::string::npos && line.find(' ') == equals;
    if (is_key || line.starts_with("[[")) text.replace(at, 3, "\n");
  }
  const Config written = ParseText(text);
  const Config defaults = ParseText(kNeeded);
  EXPECT_THAT(text, HasSubstr("\nmaximo_segundos = 1800\n"));
  EXPECT_EQ(written.time_zone, defaults.time_zone);
  EXPECT_EQ(written.s3.style, defaults.s3.style);
  EXPECT_EQ(written.firebird.isql, defaults.firebird.isql);
  EXPECT_EQ(written.limits.stall, defaults.limits.stall);
  EXPECT_EQ(written.limits.endless, defaults.limits.endless);
  EXPECT_EQ(written.retention, defaults.retention);
  EXPECT_EQ(written.first_fiscal_month, defaults.first_fiscal_month);
  EXPECT_EQ(written.service.keep_history, defaults.service.keep_history);
  EXPECT_EQ(written.company.backup_time, defaults.company.backup_time);
  EXPECT_EQ(written.company.space_limit_bytes, defaults.company.space_limit_bytes);
  EXPECT_EQ(written.notify.gather, defaults.notify.gather);
  EXPECT_EQ(written.notify.answer, defaults.notify.answer);
  EXPECT_EQ(written.notify.space.full, defaults.notify.space.full);
  EXPECT_EQ(written.notify.late_after, defaults.notify.late_after);
  EXPECT_EQ(written.notify.late_after_closed, defaults.notify.late_after_closed);
  EXPECT_EQ(written.notify.summary, defaults.notify.summary);
  EXPECT_EQ(written.metrics.per_company, defaults.metrics.per_company);
}

}  // namespace
}  // namespace cofre::service
