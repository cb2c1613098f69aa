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

}  // namespace
}  // namespace cofre::catalogue
