#include "engine/company_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace cofre::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TimePoint kNow = TimePoint(std::chrono::seconds(1764000000));

class CompanyLockTest : public ::testing::Test {
 protected:
  std::unique_ptr<CompanyLock> Take(const std::string& company, std::string_view what = "backup of 2025") {
    return std::make_unique<CompanyLock>(folder_.path().string(), company, what, kNow);
  }
  std::vector<std::string> InDoubt() { return CompaniesInDoubt(folder_.path().string()); }

  test::TemporaryFolder folder_;
};

TEST_F(CompanyLockTest, ASecondJobIsToldWhoIsThereAndSinceWhen) {
  const auto first = Take("900869750", "backup of 2025");
  try {
    Take("900869750", "prune");
    FAIL() << "took it twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTransient);
    EXPECT_THAT(error.what(), HasSubstr("900869750"));
    EXPECT_THAT(error.what(), HasSubstr("backup of 2025"));
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(getpid())));
    EXPECT_THAT(error.what(), HasSubstr("2025-11-24T16:00:00Z"));
  }
}

TEST_F(CompanyLockTest, OtherCompaniesAreFree) {
  const auto first = Take("900869750");
  EXPECT_NO_THROW(Take("900869751"));
  EXPECT_NO_THROW(Take("90086975"));
}

TEST_F(CompanyLockTest, AJobThatEndsLeavesNoDoubt) {
  EXPECT_FALSE(Take("900869750")->in_doubt());
  EXPECT_THAT(InDoubt(), IsEmpty());
  EXPECT_FALSE(Take("900869750")->in_doubt());
}

TEST_F(CompanyLockTest, DoubtRemainsUntilAJobEndsIt) {
  Take("900869750")->BeginDoubt();
  EXPECT_THAT(InDoubt(), ElementsAre("900869750"));
  EXPECT_TRUE(Take("900869750")->in_doubt());
  Take("900869750")->EndDoubt();
  EXPECT_THAT(InDoubt(), IsEmpty());
}

TEST_F(CompanyLockTest, AKilledJobLeavesDoubt) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = Take("900869750");
    raise(SIGKILL);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_THAT(InDoubt(), ElementsAre("900869750"));
  EXPECT_TRUE(Take("900869750")->in_doubt());
}

TEST_F(CompanyLockTest, AJobUnderWayIsNotInDoubt) {
  const auto lock = Take("900869750");
  lock->BeginDoubt();
  EXPECT_THAT(InDoubt(), IsEmpty());
}

TEST_F(CompanyLockTest, AMissingStateFolderIsNamed) {
  try {
    const CompanyLock lock(folder_.File("missing"), "1", "backup", kNow);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(folder_.File("missing")));
  }
}

}  // namespace
}  // namespace cofre::engine
