// Nodes of a fleet: who serves, who backs up which server, and what one that was taken for dead may no longer do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalogue/catalogue_test_suite.h"
#include "tests/support/expect_error.h"

namespace cofre::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint kNight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 6h};

bool Anybody(const std::string&) { return true; }
bool Nobody(const std::string&) { return false; }

class NodesTest : public CatalogueSuite {
 protected:
  void AddCompany(const std::string& id, const std::string& server) {
    catalogue_->AddServer({.name = server, .max_concurrent = 2});
    catalogue_->AddCompany({.id = id, .name = "x", .server = server});
    catalogue_->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/x"}, kNight);
  }
  void Enqueue(const std::string& company, JobKind kind = JobKind::kBackup) {
    catalogue_->EnqueueJob(
        {.kind = kind, .reason = JobReason::kScheduled, .company = company, .fiscal_year = 2026, .queued = kNight});
  }
  std::optional<Job> Claim(const std::string& node, TimePoint now = kNight) {
    return catalogue_->ClaimJob({.owner = "process of " + node, .node = node, .now = now, .lease_until = now + 2min});
  }
  static Node MakeNode(const std::string& name, const std::string& owner, TimePoint seen = kNight) {
    return {.name = name, .owner = owner, .version = "0.1.0", .started = kNight, .seen = seen};
  }
  std::optional<Node> Put(const Node& node, const MayLive& may_live = Anybody) {
    return catalogue_->PutNode(node, node.seen - 30s, may_live);
  }
};

TEST_P(NodesTest, ANodeIsKnownByItsLastSignOfLife) {
  const Node node = MakeNode("n1", "one");
  EXPECT_EQ(Put(node), node);
  const Node later = MakeNode("n1", "one", kNight + 3s);
  EXPECT_EQ(Put(later), later);
  EXPECT_THAT(catalogue_->ListNodes(), ElementsAre(later));
}

TEST_P(NodesTest, ANameBelongsToOneLivingProcess) {
  Put(MakeNode("n1", "one"));
  EXPECT_EQ(Put(MakeNode("n1", "two", kNight + 29s)), std::nullopt);
  EXPECT_TRUE(Put(MakeNode("n1", "two", kNight + 29s), Nobody));
  EXPECT_TRUE(Put(MakeNode("n1", "three", kNight + 90s)));
  EXPECT_EQ(catalogue_->ListNodes().at(0).owner, "three");
}

TEST_P(NodesTest, DrainingOutlastsTheProcess) {
  Put(MakeNode("n1", "one"));
  catalogue_->SetNodeDraining("n1", true);
  EXPECT_TRUE(Put(MakeNode("n1", "one", kNight + 3s))->draining);
  EXPECT_TRUE(Put(MakeNode("n1", "two", kNight + 1h))->draining);
  catalogue_->SetNodeDraining("n1", false);
  EXPECT_FALSE(Put(MakeNode("n1", "two", kNight + 1h))->draining);
}

TEST_P(NodesTest, WhatIsNotThereIsNotFound) {
  EXPECT_ERROR(catalogue_->SetNodeDraining("n9", true), ErrorKind::kNotFound, ::testing::_);
  EXPECT_ERROR(catalogue_->RemoveNode("n9"), ErrorKind::kNotFound, ::testing::_);
  EXPECT_ERROR(catalogue_->AddNodeBinding({.server = "norte", .node = "n1"}), ErrorKind::kNotFound, ::testing::_);
  EXPECT_ERROR(Put(MakeNode("N 1", "one")), ErrorKind::kUsage, ::testing::_);
}

TEST_P(NodesTest, ABoundServerIsBackedUpByItsNodesAlone) {
  AddCompany("11111", "norte");
  EXPECT_TRUE(catalogue_->AddNodeBinding({.server = "norte", .node = "n2"}));
  EXPECT_FALSE(catalogue_->AddNodeBinding({.server = "norte", .node = "n2"}));
  Enqueue("11111");
  EXPECT_EQ(Claim("n1"), std::nullopt);
  EXPECT_TRUE(Claim("n2"));
}

TEST_P(NodesTest, WhatNeedsNoServerIsDoneByAnyNode) {
  AddCompany("11111", "norte");
  catalogue_->AddNodeBinding({.server = "norte", .node = "n2"});
  Enqueue("11111", JobKind::kVerify);
  EXPECT_TRUE(Claim("n1"));
}

TEST_P(NodesTest, AServerIsAnyNodesOnceItsBindingsAreGone) {
  AddCompany("11111", "norte");
  Put(MakeNode("n2", "two"));
  catalogue_->AddNodeBinding({.server = "norte", .node = "n2"});
  catalogue_->AddNodeBinding({.server = "norte", .node = "n3"});
  EXPECT_THAT(catalogue_->ListNodeBindings(),
              ElementsAre(NodeBinding{.server = "norte", .node = "n2"}, NodeBinding{.server = "norte", .node = "n3"}));
  catalogue_->RemoveNode("n2");
  EXPECT_TRUE(catalogue_->RemoveNodeBinding({.server = "norte", .node = "n3"}));
  EXPECT_THAT(catalogue_->ListNodeBindings(), IsEmpty());
  Enqueue("11111");
  EXPECT_TRUE(Claim("n1"));
}

TEST_P(NodesTest, AServerTakesItsBindingsWithIt) {
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddNodeBinding({.server = "norte", .node = "n2"});
  catalogue_->RemoveServer("norte");
  EXPECT_THAT(catalogue_->ListNodeBindings(), IsEmpty());
}

TEST_P(NodesTest, LimitsAreThoseOfAllNodesTogether) {
  for (const char* id : {"11111", "22222", "33333"}) {
    if (catalogue_->ListServers().empty()) {
      AddCompany(id, "norte");
    } else {
      catalogue_->AddCompany({.id = id, .name = "x", .server = "norte"});
      catalogue_->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/x"}, kNight);
    }
    Enqueue(id);
  }
  EXPECT_TRUE(Claim("n1"));
  EXPECT_TRUE(Claim("n2"));
  EXPECT_EQ(Claim("n3"), std::nullopt);
}

TEST_P(NodesTest, WhoWasTakenForDeadHasNoClaimAnyMore) {
  AddCompany("11111", "norte");
  Enqueue("11111");
  const Job job = Claim("n1").value();
  EXPECT_NO_THROW(catalogue_->RequireClaim(job.id, job.token));
  catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 3min);
  EXPECT_ERROR(catalogue_->RequireClaim(job.id, job.token), ErrorKind::kTransient, ::testing::_);
  EXPECT_FALSE(catalogue_->RenewJob(job.id, job.token, kNight + 5min, 0));
}

TEST_P(NodesTest, WhatADeadProcessLeavesIsDoubted) {
  AddCompany("11111", "norte");
  Enqueue("11111");
  ASSERT_TRUE(Claim("n1"));
  catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 3min);
  EXPECT_EQ(catalogue_->FindCompanyState("11111").value().doubt_since, kNight + 3min);
}

TEST_P(NodesTest, AJobWithoutALeaseIsGivenUpAfterADay) {
  AddCompany("11111", "norte");
  catalogue_->StartJob(
      {.kind = JobKind::kBackup, .company = "11111", .fiscal_year = 2026, .started = kNight, .owner = "other/machine"});
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 23h), IsEmpty());
  EXPECT_EQ(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 24h, Anybody).size(), 0U);
  EXPECT_EQ(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 24h).size(), 1U);
}

TEST_P(NodesTest, OnlyASharedCatalogueHasATimeOfItsOwn) {
  const std::optional<TimePoint> said = catalogue_->SharedTime();
  EXPECT_EQ(said.has_value(), GetParam() == test::CatalogueEngine::kPostgresql);
  EXPECT_LT(std::chrono::abs(said.value_or(SystemClock().Now()) - SystemClock().Now()), 1min);
}

COFRE_ON_EVERY_ENGINE(NodesTest);

}  // namespace
}  // namespace cofre::catalogue
