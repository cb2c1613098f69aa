// cofre plan and cofre simulate, as an operator runs them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PlanCommandTest : public ::testing::Test {
 protected:
  // More than a test keeps of a program's output.
  nlohmann::json Simulated(const std::string& options) const {
    const std::string file = vault_.File("simulated.json");
    const std::string line =
        COFRE_PROGRAM " --config " + vault_.Config() + " simulate --json " + options + " > " + file;
    const io::ProcessEnd end =
        io::RunProgram({.arguments = {"bash", "-c", line}, .environment = {}}, "",
                       {.stall = std::chrono::seconds(60), .total = std::chrono::seconds(60)}, SystemClock(), {});
    EXPECT_EQ(end.exit_status, 0) << end.errors;
    return nlohmann::json::parse(ReadFile(file, 16 << 20));
  }

  Vault vault_;
};

TEST_F(PlanCommandTest, SaysForEachDatabaseWhyOrWhyNot) {
  vault_.AddCompany("900869750", "a database");
  vault_.AddCompany("900123456", "another one");
  vault_.Must({"company", "set", "900123456", "--enabled", "no"});
  vault_.Must({"backup", "900869750"});
  const std::string plan = vault_.Must({"plan"});
  EXPECT_THAT(plan, AllOf(HasSubstr("fresh until "), HasSubstr("automatic backups of its company are off")));
  const auto json = vault_.Json({"plan", "--company", "900.869.750-0"});
  ASSERT_EQ(json["bases"].size(), 1U);
  EXPECT_EQ(json["bases"][0]["motivo"], "fresh");
  EXPECT_EQ(json["bases"][0]["se_ejecuta"], false);
}

TEST_F(PlanCommandTest, ForesaysAnotherTime) {
  vault_.AddCompany("900869750", "a database");
  vault_.Must({"database", "add", "900869750", "2199", "--", "cat", vault_.File("900869750.dump")});
  const auto json = vault_.Json({"plan", "--at", "2199-03-01 00:59"});
  EXPECT_EQ(json["fecha"], "2199-03-01T05:59:00Z");
  const auto due = vault_.Json({"plan", "--at", "2199-03-01T06:00:00Z"})["bases"][0];
  EXPECT_EQ(due["motivo"], "scheduled");
  EXPECT_EQ(due["anio_fiscal"], 2199);
  EXPECT_EQ(due["prevista"], "2199-03-01T06:00:00Z");
  EXPECT_THAT(vault_.Must({"plan", "--at", "2199-03-01 01:00"}),
              HasSubstr("runs now, in batch 1 (due since 2199-03-01 01:00)"));
}

TEST_F(PlanCommandTest, RefusesWhatIsNoTimeAndNoCompany) {
  EXPECT_REFUSED(vault_.Run({"plan", "--at", "25:00"}), cli::kExitUsage, HasSubstr("'25:00' is not a time"));
  EXPECT_REFUSED(vault_.Run({"plan", "--company", "900869750"}), cli::kExitNotFound, HasSubstr("900869750"));
}

TEST_F(PlanCommandTest, AnHourOf25AndAnUnknownZoneAreRefused) {
  vault_.AddCompany("900869750", "a database");
  EXPECT_REFUSED(vault_.Run({"company", "set", "900869750", "--time", "25:00"}), cli::kExitUsage, HasSubstr("25:00"));
  EXPECT_REFUSED(vault_.Run({"company", "set", "900869750", "--time-zone", "Atlantis/Capital"}), cli::kExitUsage,
                 HasSubstr("Atlantis/Capital"));
}

TEST_F(PlanCommandTest, TheDesignsFleetIsCoveredAsTheDesignSays) {
  const auto json = Simulated("--companies 1000 --current 80 --days 40");
  EXPECT_EQ(json["horas_hasta_cubrir"], 92);
  EXPECT_NEAR(json["anio_cerrado_por_dia_despues"].get<double>(), 30.67, 1);
  const auto& hours = json["horas"];
  ASSERT_EQ(hours.size(), 40U * 24);
  for (size_t hour = 0; hour < hours.size(); ++hour) {
    EXPECT_EQ(hours[hour]["lotes"], hour % 24 == 1 ? 4 : 0) << hour;
    EXPECT_EQ(hours[hour]["anio_actual"], hour % 24 == 1 ? 80 : 0) << hour;
    EXPECT_LE(hours[hour]["anio_cerrado"], 10) << hour;
    if (hour < 92) {
      EXPECT_EQ(hours[hour]["anio_cerrado"], 10) << hour;
    }
    EXPECT_EQ(hours[hour]["atrasadas"], 0);
  }
}

TEST_F(PlanCommandTest, ASimulationFollowsThePolicyAndItsSeed) {
  const Words words{"simulate", "--companies", "200", "--days", "3", "--failure-rate", "10%", "--seed", "7"};
  EXPECT_EQ(vault_.Must(words), vault_.Must(words));
  EXPECT_THAT(vault_.Must(words), AllOf(HasSubstr("01:00"), HasSubstr("of 120"), HasSubstr("(seed 7)")));
  std::string config = ReadFile(vault_.Config(), 1 << 20);
  const std::string section = "[politica]\n";
  config.insert(config.find(section) + section.size(), "inicios_por_hora = 3\n");
  WriteFileAtomically(vault_.Config(), AsBytes(config), 0600);
  const auto simulated = Simulated("--days 3");
  for (const auto& hour : simulated["horas"]) EXPECT_LE(hour["anio_cerrado"], 3);
}

TEST_F(PlanCommandTest, ASimulationOfNothingIsRefused) {
  for (const Words& words : {Words{"--companies", "0"}, Words{"--companies", "10", "--current", "11"},
                             Words{"--days", "0"}, Words{"--failure-rate", "200%"}, Words{"--seed", "x"}}) {
    Words all{"simulate"};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_REFUSED(vault_.Run(all), cli::kExitUsage, HasSubstr("is not a"));
  }
}

}  // namespace
}  // namespace cofre::test
