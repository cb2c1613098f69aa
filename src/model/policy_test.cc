#include "model/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"

namespace cofre {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string Refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_FALSE(error.hint().empty()) << error.what();
    return error.what();
  }
  return "";
}

std::string Refusal(const std::function<void(Policy&)>& spoil) {
  Policy policy;
  spoil(policy);
  return Refusal([&] { RequireValid(policy); });
}

TEST(PolicyTest, TheDefaultsAreThoseOfTheDesign) {
  const Policy policy;
  RequireValid(policy);
  EXPECT_EQ(policy.scheduled.margin, 5min);
  EXPECT_EQ(policy.scheduled.batch_size, 20U);
  EXPECT_EQ(policy.refresh.candidates, 50U);
  EXPECT_EQ(policy.refresh.starts_per_hour, 10U);
  EXPECT_EQ(policy.refresh.starts_per_minute, 10U);
  EXPECT_EQ(policy.refresh.max_age, 30 * 24h);
  EXPECT_EQ(policy.retry.pauses, (std::vector<std::chrono::minutes>{5min, 15min, 45min}));
}

TEST(PolicyTest, CapsOfZeroAreRefusedByName) {
  EXPECT_THAT(Refusal([](Policy& policy) { policy.scheduled.batch_size = 0; }), HasSubstr("tamano_lote is 0"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.refresh.candidates = 0; }), HasSubstr("candidatos is 0"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.refresh.starts_per_hour = 0; }), HasSubstr("inicios_por_hora is 0"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.refresh.starts_per_minute = 0; }),
              HasSubstr("inicios_por_minuto is 0"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.server_pause.failures = 0; }), HasSubstr("fallos_servidor is 0"));
  EXPECT_THAT(Refusal([](Policy& policy) {
                policy.refresh.windows = {{{.from = 1h, .to = 2h}, 0}};
              }),
              HasSubstr("01:00-02:00=0 lets nothing start"));
}

TEST(PolicyTest, NumbersOutOfAnyUseAreRefused) {
  EXPECT_THAT(Refusal([](Policy& policy) { policy.scheduled.margin = 0min; }), HasSubstr("margen_minutos"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.refresh.max_age = -1h; }), HasSubstr("dias_antiguedad"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.retry.pauses = {0min}; }), HasSubstr("reintentos_minutos"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.retry.pauses.resize(21, 1min); }), HasSubstr("21 pauses"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.retry.jitter_percent = 101; }), HasSubstr("reintentos_variacion"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.retry.closed_year_pause = 0h; }), HasSubstr("reintento_horas"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.server_pause.first_pause = 0min; }),
              HasSubstr("pausa_servidor_minutos"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.server_pause.longest_pause = 9min; }),
              HasSubstr("pausa_servidor_maxima_minutos"));
}

TEST(TimeWindowTest, MayGoOverMidnight) {
  const DayWindow night{.from = 22h, .to = 6h};
  for (const auto inside : {22h, 23h, 0h, 5h}) EXPECT_TRUE(night.Contains(inside)) << inside.count();
  for (const auto outside : {6h, 12h, 21h}) EXPECT_FALSE(night.Contains(outside)) << outside.count();
}

TEST(TimeWindowTest, IsReadAsItIsWritten) {
  const auto windows = ParseTimeWindows(" 22:00-06:00=30 ,06:00-22:00=10");
  EXPECT_EQ(windows, (std::vector<TimeWindow>{{{22h, 6h}, 30}, {{6h, 22h}, 10}}));
  EXPECT_TRUE(ParseTimeWindows("  ").empty());
}

TEST(TimeWindowTest, OverlapsAreRefusedAndBothAreNamed) {
  for (const char* text :
       {"22:00-06:00=30, 05:59-22:00=10", "01:00-02:00=1, 00:00-12:00=2", "10:00-11:00=1, 10:00-11:00=2",
        "22:00-06:00=30, 23:00-01:00=10", "22:00-06:00=30, 20:00-05:00=10"}) {
    EXPECT_THAT(Refusal([&] { ParseTimeWindows(text); }), HasSubstr("overlap")) << text;
  }
  EXPECT_THAT(Refusal([&] { ParseTimeWindows("01:00-03:00=1, 02:00-04:00=2"); }),
              HasSubstr("01:00-03:00=1 and 02:00-04:00=2 overlap"));
}

TEST(TimeWindowTest, WhatIsNoWindowIsRefused) {
  for (const char* text : {"nights", "25:00-26:00=10", "22:00-06:00", "22:00=10", "22:00-06:00=-1", "22:00-06:00=x",
                           "22:00-06:00=30,", "22:00-22:00=30", "=1-", "22:00-06:00=99999999999999999999"}) {
    EXPECT_NE(Refusal([&] { ParseTimeWindows(text); }), "") << text;
  }
  std::string many;
  for (int i = 0; i < 30; ++i) many += (many.empty() ? "" : ",") + std::string("00:00-00:01=1");
  EXPECT_THAT(Refusal([&] { ParseTimeWindows(many); }), HasSubstr("30 windows"));
  EXPECT_THAT(Refusal([](Policy& policy) { policy.refresh.windows = {{{.from = 25h, .to = 2h}}}; }),
              HasSubstr("outside of the day"));
}

TEST(RetryPausesTest, AreReadAsMinutes) {
  EXPECT_EQ(ParseRetryPauses("5, 15,45"), (std::vector<std::chrono::minutes>{5min, 15min, 45min}));
  EXPECT_TRUE(ParseRetryPauses("").empty());
  for (const char* text : {"0", "5,,15", "5 15", "-1", "1441", "soon"}) {
    EXPECT_NE(Refusal([&] { ParseRetryPauses(text); }), "") << text;
  }
}

}  // namespace
}  // namespace cofre
