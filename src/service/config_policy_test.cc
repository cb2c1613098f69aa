#include "service/config_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config_test_text.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

const std::string kSection = kNeeded + "[politica]\n";

Policy Parse(const std::string& lines) { return ParseText(kSection + lines).policy; }
std::string Refusal(const std::string& lines) { return RefusalOf(kSection + lines); }

TEST(ConfigPolicyTest, WhatIsNotSaidHasItsDefault) { EXPECT_EQ(Parse(""), Policy()); }

TEST(ConfigPolicyTest, EveryKeyIsRead) {
  const Policy policy = Parse(R"(
margen_minutos = 10
tamano_lote = 5
candidatos = 40
inicios_por_hora = 7
inicios_por_minuto = 2
dias_antiguedad = 15
ventanas = "22:00-06:00=30"
nivelar = false
reintentos_minutos = "1, 2"
reintentos_variacion = 0
reintento_horas = 12
fallos_servidor = 3
pausa_servidor_minutos = 4
pausa_servidor_maxima_minutos = 8
)");
  Policy expected;
  expected.scheduled = {.margin = 10min, .batch_size = 5};
  expected.refresh = {.candidates = 40,
                      .starts_per_hour = 7,
                      .starts_per_minute = 2,
                      .max_age = 15 * 24h,
                      .windows = {{{22h, 6h}, 30}},
                      .level = false};
  expected.retry = {.pauses = {1min, 2min}, .jitter_percent = 0, .closed_year_pause = 12h};
  expected.server_pause = {.failures = 3, .first_pause = 4min, .longest_pause = 8min};
  EXPECT_EQ(policy, expected);
}

TEST(ConfigPolicyTest, CapsOfZeroAreRefused) {
  for (const char* key : {"tamano_lote", "candidatos", "inicios_por_hora", "inicios_por_minuto", "dias_antiguedad",
                          "margen_minutos", "fallos_servidor", "pausa_servidor_minutos", "reintento_horas"}) {
    EXPECT_THAT(Refusal(std::string(key) + " = 0"), AllOf(HasSubstr(key), HasSubstr("0 is not one from 1")));
    EXPECT_THAT(Refusal(std::string(key) + " = -1"), HasSubstr(key));
  }
}

TEST(ConfigPolicyTest, WindowsThatOverlapAreRefusedWithTheirLine) {
  EXPECT_THAT(Refusal("ventanas = \"22:00-06:00=30, 05:00-22:00=10\""),
              AllOf(HasSubstr("cofre.toml:4"), HasSubstr("22:00-06:00=30 and 05:00-22:00=10 overlap"),
                    HasSubstr("let one end where the other begins")));
  EXPECT_THAT(Refusal("ventanas = \"25:00-06:00=30\""), HasSubstr("'25:00' is not a time"));
  EXPECT_THAT(Refusal("ventanas = \"22:00-06:00=0\""), HasSubstr("lets nothing start"));
}

TEST(ConfigPolicyTest, PausesThatContradictEachOtherAreRefused) {
  EXPECT_THAT(Refusal("pausa_servidor_minutos = 60\npausa_servidor_maxima_minutos = 30"),
              AllOf(HasSubstr("cofre.toml:5"), HasSubstr("pausa_servidor_maxima_minutos is 30")));
}

}  // namespace
}  // namespace cofre::service
