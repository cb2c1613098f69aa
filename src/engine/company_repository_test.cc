#include "engine/company_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using ::testing::HasSubstr;

class CompanyRepositoryTest : public ::testing::Test, protected EngineFixture {
 protected:
  CompanyRepositoryTest() {
    for (const char* path : {"srv1/10001", "srv1/10002", "srv1/10003"}) Make(path);
    Reopen(2);
  }

  void Make(const std::string& path) { (void)repositories->OpenOrInitialize(path, {}); }
  // Without anything open.
  void Reopen(size_t capacity) {
    repositories = std::make_unique<CompanyRepositories>(
        store, master_key,
        repository::Environment{.clock = &clock, .random = &SystemRandom(), .hostname = "host", .process_id = 1},
        capacity);
    store->ResetCounts();
  }
  // Requests that opening costs.
  uint64_t CostOf(const std::string& path) {
    store->ResetCounts();
    (void)repositories->Open(path, {});
    return store->CountAll();
  }
};

TEST_F(CompanyRepositoryTest, OpeningAgainCostsNothing) {
  EXPECT_GT(CostOf("srv1/10001"), 0U);
  EXPECT_EQ(CostOf("srv1/10001"), 0U);
}

TEST_F(CompanyRepositoryTest, TheOneUsedLongestAgoIsClosedFirst) {
  CostOf("srv1/10001");
  CostOf("srv1/10002");
  CostOf("srv1/10001");
  CostOf("srv1/10003");
  EXPECT_EQ(CostOf("srv1/10001"), 0U);
  EXPECT_GT(CostOf("srv1/10002"), 0U);
}

TEST_F(CompanyRepositoryTest, AfterAFailureNothingIsRemembered) {
  try {
    const auto lease = repositories->Open("srv1/10001", {});
    EXPECT_NE(lease->repository, nullptr);
    throw Error(ErrorKind::kTransient, "the job failed");
  } catch (const Error&) {
  }
  EXPECT_GT(CostOf("srv1/10001"), 0U);
}

TEST_F(CompanyRepositoryTest, TwoThatUseOneAtATimeHaveTheirOwn) {
  const auto one = repositories->Open("srv1/10001", {});
  const auto other = repositories->Open("srv1/10001", {});
  EXPECT_NE(one->repository, other->repository);
}

TEST_F(CompanyRepositoryTest, AMissingOneIsNamed) {
  EXPECT_ERROR(repositories->Open("srv1/99999", {}), ErrorKind::kNotFound, HasSubstr("srv1/99999"));
}

TEST_F(CompanyRepositoryTest, TheStoreOfACompanyHoldsNothingElse) {
  Make("srv1/100011");
  const auto objects = storage::ListAll(*repositories->StoreOf("srv1/10001"), "", {});
  EXPECT_EQ(objects.size(), 2U);  // key and config
}

}  // namespace
}  // namespace cofre::engine
