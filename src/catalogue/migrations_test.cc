#include "catalogue/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include "base/error.h"
#include "catalogue/backend.h"
#include "tests/support/temporary_folder.h"

namespace cofre::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What programs that do not know of it can live with.
bool OnlyAdds(const std::string& statement) {
  if (statement.starts_with("ALTER TABLE ") && statement.find(" ADD COLUMN ") != std::string::npos) {
    return statement.find("NOT NULL") == std::string::npos || statement.find(" DEFAULT ") != std::string::npos;
  }
  return statement.starts_with("CREATE TABLE ") || statement.starts_with("CREATE INDEX ");
}

class MigrationsTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::unique_ptr<soci::session> session_ = Connect(folder_.File("catalogo.db"), true);
  const std::vector<Migration> first_{{1, "CREATE TABLE a (x INTEGER);\n"}};
  const std::vector<Migration> both_{first_[0], {2, "CREATE TABLE b (x INTEGER);\nINSERT INTO a VALUES (7);\n"}};
};

TEST(SplitStatementsTest, AStatementEndsWithASemicolonAtTheEndOfALine) {
  EXPECT_THAT(SplitStatements("-- first\nCREATE TABLE a (\n  x TEXT\n);\n\nINSERT INTO a VALUES ('1;2');\n"),
              ElementsAre("CREATE TABLE a (\nx TEXT\n);\n", "INSERT INTO a VALUES ('1;2');\n"));
  EXPECT_TRUE(SplitStatements("-- nothing\n").empty());
}

TEST(AllMigrationsTest, TheyAreNumberedWithoutGaps) {
  int expected = 1;
  for (const Migration& migration : AllMigrations()) {
    EXPECT_EQ(migration.version, expected++);
    EXPECT_FALSE(SplitStatements(migration.sql).empty());
  }
  EXPECT_GT(expected, 1);
}

TEST(AllMigrationsTest, AStepThatOlderProgramsWorkWithOnlyAdds) {
  for (const Migration& migration : AllMigrations()) {
    if (WorksWith(migration) == migration.version) continue;
    for (const std::string& statement : SplitStatements(migration.sql)) EXPECT_TRUE(OnlyAdds(statement)) << statement;
  }
  EXPECT_TRUE(OnlyAdds("ALTER TABLE a ADD COLUMN y TEXT;"));
  EXPECT_TRUE(OnlyAdds("ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT '';"));
  EXPECT_FALSE(OnlyAdds("ALTER TABLE a ADD COLUMN y TEXT NOT NULL;"));
  EXPECT_FALSE(OnlyAdds("ALTER TABLE a DROP COLUMN y;"));
  EXPECT_FALSE(OnlyAdds("CREATE UNIQUE INDEX i ON a (x);"));
}

TEST_F(MigrationsTest, AProgramOfTheVersionBeforeWorksWithACatalogueThatSaysSo) {
  std::vector<Migration> known{first_[0], {2, "ALTER TABLE schema_versions ADD COLUMN works_with INTEGER;\n"}};
  std::vector<Migration> newer = known;
  newer.push_back({3, "-- works with: 2\nALTER TABLE a ADD COLUMN y TEXT;\n"});
  Migrate(*session_, newer, true, "c");
  Migrate(*session_, known, false, "c");
  EXPECT_EQ(ReadSchemaVersion(*session_), 3);
  EXPECT_THROW(Migrate(*session_, first_, false, "c"), Error);

  newer.push_back({4, "DROP TABLE a;\n"});
  Migrate(*session_, newer, false, "c");
  EXPECT_THROW(Migrate(*session_, known, false, "c"), Error);
}

TEST_F(MigrationsTest, AnOlderCatalogueIsBroughtUpToDateAndKeepsItsRows) {
  Migrate(*session_, first_, true, "c");
  *session_ << "INSERT INTO a VALUES (1)";
  Migrate(*session_, both_, false, "c");
  EXPECT_EQ(ReadSchemaVersion(*session_), 2);
  int sum = 0;
  *session_ << "SELECT SUM(x) FROM a", soci::into(sum);
  EXPECT_EQ(sum, 8);
}

TEST_F(MigrationsTest, ARepeatChangesNothing) {
  Migrate(*session_, both_, true, "c");
  Migrate(*session_, both_, true, "c");
  int count = 0;
  *session_ << "SELECT COUNT(*) FROM a", soci::into(count);
  EXPECT_EQ(count, 1);
}

TEST_F(MigrationsTest, AStepThatFailsLeavesTheVersionBefore) {
  Migrate(*session_, first_, true, "c");
  const std::vector<Migration> bad{first_[0], {2, "CREATE TABLE b (x INTEGER);\nINSERT INTO nowhere VALUES (7);\n"}};
  EXPECT_THROW(Migrate(*session_, bad, false, "c"), soci::soci_error);
  EXPECT_EQ(ReadSchemaVersion(*session_), 1);
  EXPECT_FALSE(HasTable(*session_, "b"));
  Migrate(*session_, both_, false, "c");
  EXPECT_EQ(ReadSchemaVersion(*session_), 2);
}

TEST_F(MigrationsTest, ADatabaseThatNobodyLookedAtIsKnownSinceItsOldestBackup) {
  const auto& all = AllMigrations();
  Migrate(*session_, {all.begin(), all.begin() + 5}, true, "c");
  *session_ << "INSERT INTO servers VALUES ('a', 'firebird', '', 0, '', '', 4)";
  *session_ << "INSERT INTO companies VALUES ('11111', 'x', 'a', 1, 60, 1, '', 'a/11111')";
  for (const int year : {2023, 2024, 2025}) {
    *session_ << "INSERT INTO databases VALUES ('11111', :year, '/x', '', 0)", soci::use(year, "year");
  }
  *session_ << "INSERT INTO database_states (company, fiscal_year, known_since_ns) VALUES ('11111', 2023, 5)";
  for (const int time : {9, 7}) {
    *session_ << "INSERT INTO backups (snapshot_id, company, fiscal_year, time_ns, path, dump_bytes, new_bytes, "
                 "stored_bytes, elapsed_ns) VALUES (:time, '11111', 2025, :time, '/x', 0, 0, 0, 0)",
        soci::use(time, "time");
  }
  Migrate(*session_, {all.begin(), all.begin() + 6}, false, "c");
  std::vector<int> known(3);
  *session_ << "SELECT known_since_ns FROM database_states ORDER BY fiscal_year", soci::into(known);
  EXPECT_THAT(known, ElementsAre(5, 0, 7));
}

}  // namespace
}  // namespace cofre::catalogue
