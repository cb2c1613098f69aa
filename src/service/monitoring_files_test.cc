// The files for Prometheus and Grafana that are shipped speak of figures that there are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "base/file.h"
#include "service/metrics.h"
#include "tests/support/fleet.h"

namespace cofre::service {
namespace {

std::string Shipped(const std::string& name) {
  return ReadFile(std::string(COFRE_PROJECT_FOLDER) + "/packaging/" + name, 1 << 20);
}

class MonitoringFilesTest : public testing::TestWithParam<const char*> {};

TEST_P(MonitoringFilesTest, EveryFigureThatItNamesExists) {
  test::SmallFleet fleet;
  fleet.config.metrics.per_company = true;
  fleet.AddCompany("10001");
  fleet.AddDatabase("10001", 2026);
  fleet.AddBackup("10001", 2026, std::chrono::hours(1));
  const std::string figures = Metrics(fleet.config, *fleet.catalogue, fleet.clock).Text();

  const std::string text = Shipped(GetParam());
  const std::regex name("cofre_[a-z_]+");
  std::set<std::string> named;
  for (std::sregex_iterator found(text.begin(), text.end(), name), end; found != end; ++found)
    named.insert(found->str());
  EXPECT_GT(named.size(), 5U);
  for (const std::string& figure : named) {
    EXPECT_TRUE(figures.find("\n" + figure + "{") != std::string::npos ||
                figures.find("\n" + figure + " ") != std::string::npos)
        << figure;
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, MonitoringFilesTest,
                         testing::Values("prometheus/cofre-alerts.yml", "grafana/cofre.json"), [](const auto& file) {
                           return std::string(file.param).starts_with("grafana") ? "Dashboard" : "Rules";
                         });

TEST(DashboardTest, ItIsOneThatGrafanaTakes) {
  const auto dashboard = nlohmann::json::parse(Shipped("grafana/cofre.json"));
  EXPECT_EQ(dashboard.at("uid"), "cofre");
  std::set<int> ids;
  for (const auto& panel : dashboard.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
    EXPECT_FALSE(panel.at("targets").empty());
  }
}

}  // namespace
}  // namespace cofre::service
