#include "service/model_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 6h};

TEST(ModelJsonTest, AServerHasSpanishKeys) {
  const Server server{.name = "norte", .host = "db", .port = 3051, .user = "SYSDBA", .password_file = "/clave"};
  EXPECT_EQ(ToJson(server).dump(),
            R"({"servidor":"norte","motor":"firebird","host":"db","puerto":3051,"usuario":"SYSDBA",)"
            R"("archivo_clave":"/clave","maximo_simultaneo":4})");
}

TEST(ModelJsonTest, ACompanyHasSpanishKeys) {
  const Company company{.id = "900869750",
                        .name = "Ñandú",
                        .server = "norte",
                        .space_limit_bytes = uint64_t{3} << 29,
                        .repository = "norte/900869750"};
  EXPECT_EQ(ToJson(company).dump(),
            R"({"empresa":"900869750","nombre":"Ñandú","servidor":"norte","backups_habilitados":true,)"
            R"("hora_backup":"01:00","limite_espacio_gb":1.5,"zona_horaria":null,"repositorio":"norte/900869750"})");
}

TEST(ModelJsonTest, ADatabaseHasAPathOrACommand) {
  EXPECT_EQ(
      ToJson(Database{.company = "900869750", .fiscal_year = 2025, .path = "C.FDB", .average_blob_bytes = 65536})
          .dump(),
      R"({"empresa":"900869750","anio_fiscal":2025,"base":"C.FDB","comando":null,"metodo":"logical","bytes_bloque":65536})");
  EXPECT_EQ(
      ToJson(Database{.company = "900869750", .fiscal_year = 2025, .command = {"cat", "x y"}}).dump(),
      R"({"empresa":"900869750","anio_fiscal":2025,"base":null,"comando":["cat","x y"],"metodo":"logical","bytes_bloque":null})");
}

TEST(ModelJsonTest, ABackupHasTimesInUtcAndSizesInBytes) {
  const Backup backup{.snapshot_id = "4f",
                      .company = "900869750",
                      .fiscal_year = 2025,
                      .time = kNight,
                      .path = "/p",
                      .dump_bytes = uint64_t{1} << 60,
                      .new_bytes = 2,
                      .stored_bytes = 1,
                      .elapsed = 1500ms,
                      .verified_at = kNight + 1h};
  EXPECT_EQ(ToJson(backup).dump(),
            R"({"respaldo":"4f","empresa":"900869750","anio_fiscal":2025,"fecha":"2026-11-24T06:00:00Z","ruta":"/p",)"
            R"("bytes_volcado":1152921504606846976,"bytes_nuevos":2,"bytes_almacenados":1,"segundos":1.5,)"
            R"("fijado_hasta":null,"completo":null,"verificado":"2026-11-24T07:00:00Z","ensayado":null,)"
            R"("problema_ensayo":null})");
}

TEST(ModelJsonTest, AJobSaysHowItEnded) {
  const Job job{.id = 7,
                .kind = JobKind::kPrune,
                .state = JobState::kFailed,
                .company = "900869750",
                .queued = kNight,
                .started = kNight,
                .ended = kNight + 5s,
                .error_kind = "auth",
                .message = "no",
                .bytes = 9,
                .owner = "h/b/1/2"};
  EXPECT_EQ(ToJson(job).dump(),
            R"({"tarea":7,"tipo":"prune","estado":"failed","motivo":"manual","empresa":"900869750","anio_fiscal":null,)"
            R"("intento":1,"prioridad":0,"lote":null,"en_cola":"2026-11-24T06:00:00Z","prevista":null,"tardia":false,)"
            R"("no_antes":"1970-01-01T00:00:00Z",)"
            R"("inicio":"2026-11-24T06:00:00Z","fin":"2026-11-24T06:00:05Z","error":"auth","mensaje":"no","bytes":9,)"
            R"("bytes_agregados":0,"respaldo":null,"proceso":"h/b/1/2"})");
}

TEST(ModelJsonTest, AListIsAnArrayAlsoWhenEmpty) {
  EXPECT_EQ(ToJson(std::vector<Company>{}).dump(), "[]");
  EXPECT_EQ(ToJson(std::vector<Server>{{.name = "a"}, {.name = "b"}}).size(), 2U);
  EXPECT_EQ(ToJson(std::vector<Database>{}).dump(), "[]");
  EXPECT_EQ(ToJson(std::vector<Backup>{}).dump(), "[]");
  EXPECT_EQ(ToJson(std::vector<Job>{}).dump(), "[]");
}

TEST(ModelJsonTest, PrintedTextIsValidWhateverTheBytes) {
  EXPECT_EQ(Print(Json{{"a", "x\xF1y"}}), "{\n  \"a\": \"x\xEF\xBF\xBDy\"\n}");
}

}  // namespace
}  // namespace cofre::service
