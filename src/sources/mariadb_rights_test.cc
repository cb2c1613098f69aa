#include "sources/mariadb_rights.h"

#include <gtest/gtest.h>

namespace cofre::sources {
namespace {

constexpr const char* kAll = "SELECT, SHOW VIEW, TRIGGER, EVENT, SELECT ON mysql.proc";

std::string Missing(const std::string& grants, const std::string& database = "contab") {
  return MissingMariadbRights(grants, database);
}

TEST(MariadbRightsTest, OnEverythingTheyAreEnough) {
  EXPECT_EQ(Missing("GRANT SELECT, EVENT, TRIGGER, SHOW VIEW, PROCESS ON *.* TO `b`@`%` IDENTIFIED BY PASSWORD '*A'"),
            "");
  EXPECT_EQ(Missing("GRANT ALL PRIVILEGES ON *.* TO `b`@`%` WITH GRANT OPTION"), "");
}

TEST(MariadbRightsTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(Missing(""), kAll);
  EXPECT_EQ(Missing("GRANT USAGE ON *.* TO `b`@`%`"), kAll);
  EXPECT_EQ(Missing("GRANT SELECT, SHOW VIEW ON *.* TO `b`@`%`"), "TRIGGER, EVENT");
  EXPECT_EQ(Missing("GRANT SELECT (a, b), SHOW VIEW, TRIGGER, EVENT ON `contab`.`t` TO `b`@`%`"), kAll);
}

TEST(MariadbRightsTest, OnTheDatabaseAloneRoutinesAreNotSeen) {
  const std::string grants = "GRANT USAGE ON *.* TO `b`@`%`\nGRANT ALL PRIVILEGES ON `contab`.* TO `b`@`%`\n";
  EXPECT_EQ(Missing(grants), "SELECT ON mysql.proc");
  EXPECT_EQ(Missing(grants + "GRANT SELECT ON `mysql`.`proc` TO `b`@`%`"), "");
  EXPECT_EQ(Missing(grants + "GRANT SELECT ON `mysql`.* TO `b`@`%`"), "");
  EXPECT_EQ(Missing(grants + "GRANT SHOW CREATE ROUTINE ON *.* TO `b`@`%`"), "");
  EXPECT_EQ(Missing(grants, "contab2"), kAll);
}

TEST(MariadbRightsTest, RightsOfRolesCountAndRolesThemselvesDoNot) {
  EXPECT_EQ(
      Missing("GRANT `reader` TO `b`@`%`\nGRANT USAGE ON *.* TO `b`@`%`\n"
              "GRANT SELECT, SHOW VIEW, EVENT, TRIGGER ON *.* TO `reader`\nSET DEFAULT ROLE `reader` FOR `b`@`%`"),
      "");
  EXPECT_EQ(Missing("GRANT ` ON *.*` TO `b`@`%`"), kAll);
}

TEST(MariadbRightsTest, DatabasesAreNamedByPatterns) {
  const auto matches = [](const std::string& pattern, const std::string& database) {
    return Missing("GRANT ALL PRIVILEGES ON `" + pattern + "`.* TO `b`@`%`", database) == "SELECT ON mysql.proc";
  };
  EXPECT_TRUE(matches("cont%", "contab_2025"));
  EXPECT_TRUE(matches("cont\\_%", "cont_2025"));
  EXPECT_FALSE(matches("cont\\_%", "contab"));
  EXPECT_TRUE(matches("cont_b", "contab"));
  EXPECT_TRUE(matches("%2025%b", "a2025-2025xb"));
  EXPECT_FALSE(matches("%2025%b", "a2025"));
  EXPECT_TRUE(matches("a``b", "a`b"));
  EXPECT_FALSE(matches("contab", "contabx"));
  EXPECT_FALSE(matches("contab", "conta"));
}

}  // namespace
}  // namespace cofre::sources
