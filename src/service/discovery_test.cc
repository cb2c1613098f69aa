#include "service/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_test_vault.h"
#include "tests/support/expect_error.h"

namespace cofre::service {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class DiscoveryTest : public ::testing::Test {
 protected:
  DiscoveryTest() { vault_.catalogue().AddServer({.name = "srv2"}); }
  DiscoveryReport Apply(const std::string& listing, const std::string& server = "srv2") {
    return ApplyListing(vault_.catalogue(), vault_.config, server, sources::ParseListing(listing), vault_.clock.Now());
  }
  std::optional<TimePoint> VanishedAt(const std::string& company) {
    for (const DatabaseState& state : vault_.catalogue().ListDatabaseStates()) {
      if (state.company == company) return state.vanished_at;
    }
    return std::nullopt;
  }

  ServiceVault vault_{"[empresas]\nhora_backup = \"23:15\"\n"};
};

TEST_F(DiscoveryTest, WhatIsNewIsRegisteredWithTheDefaults) {
  EXPECT_THAT(Apply("12345;2025;/a.fdb;Peña\n12345;2026;/b.fdb\n67890;2026;/c.fdb\n").added, SizeIs(3));
  const Company company = vault_.catalogue().GetCompany("12345");
  EXPECT_EQ(company.name, "Peña");
  EXPECT_EQ(company.server, "srv2");
  EXPECT_EQ(company.backup_time, 23h + 15min);
  EXPECT_TRUE(company.enabled);
  EXPECT_EQ(vault_.catalogue().GetDatabase("12345", 2026).path, "/b.fdb");
  EXPECT_EQ(vault_.catalogue().GetCompany("67890").name, "67890");
  EXPECT_THAT(Apply("12345;2025;/a.fdb\n12345;2026;/b.fdb\n67890;2026;/c.fdb\n").added, IsEmpty());
}

TEST_F(DiscoveryTest, WhatVanishedIsMarkedOnceAndUnmarkedWhenItIsBack) {
  Apply("12345;2025;/a.fdb\n67890;2026;/c.fdb\n");
  EXPECT_THAT(Apply("12345;2025;/a.fdb\n").vanished, ElementsAre(Field(&Database::company, "67890")));
  EXPECT_EQ(VanishedAt("67890"), vault_.clock.Now());
  EXPECT_NO_THROW(vault_.catalogue().GetDatabase("67890", 2026));
  vault_.clock.Advance(24h);
  EXPECT_THAT(Apply("12345;2025;/a.fdb\n").vanished, IsEmpty());
  EXPECT_THAT(Apply("12345;2025;/a.fdb\n67890;2026;/c.fdb\n").returned, SizeIs(1));
  EXPECT_EQ(VanishedAt("67890"), std::nullopt);
}

TEST_F(DiscoveryTest, WhatWasRegisteredByHandDoesNotVanishAndIsNotChanged) {
  vault_.AddCompany("11111");
  vault_.catalogue().AddCompany({.id = "22222", .name = "x", .server = "srv2"});
  vault_.catalogue().AddDatabase({.company = "22222", .fiscal_year = 2026, .path = "/mine.fdb"}, vault_.clock.Now());
  const DiscoveryReport report = Apply("11111;2026;/x.fdb\n22222;2025;/y.fdb\n22222;2026;/listed.fdb\n33333;2026;/z\n");
  EXPECT_THAT(report.vanished, IsEmpty());
  EXPECT_THAT(report.added, SizeIs(2));
  EXPECT_THAT(report.remarks, ElementsAre(HasSubstr("srv1"), HasSubstr("/listed.fdb")));
  EXPECT_EQ(vault_.catalogue().GetDatabase("22222", 2026).path, "/mine.fdb");
}

TEST_F(DiscoveryTest, AnEmptyListingChangesNothingWhereThereWasSomething) {
  EXPECT_THAT(Apply("").added, IsEmpty());
  Apply("12345;2025;/a.fdb\n");
  EXPECT_ERROR(Apply(""), ErrorKind::kUsage, HasSubstr("nothing at all"));
  EXPECT_EQ(VanishedAt("12345"), std::nullopt);
}

TEST_F(DiscoveryTest, AServerThatIsNotRegisteredIsRefused) {
  EXPECT_ERROR(Apply("12345;2025;/a.fdb\n", "srv9"), ErrorKind::kNotFound, HasSubstr("srv9"));
  EXPECT_THAT(vault_.catalogue().ListCompanies(), IsEmpty());
}

TEST_F(DiscoveryTest, ItIsAnnounced) {
  std::vector<Event> events;
  const Observer observer{.notify = [&](const Event& event) { events.push_back(event); }};
  Discover(*vault_.wiring, {.server = "srv2", .command = {"echo", "12345;2025;/a.fdb"}}, observer, {});
  Discover(*vault_.wiring, {.server = "srv2", .command = {"echo", "67890;2025;/a.fdb"}}, observer, {});
  EXPECT_THAT(events, SizeIs(3));
  for (const Event& event : events) EXPECT_EQ(event.topic, Topic::kDatabase);
}

TEST_F(DiscoveryTest, ItIsDueOnceADayAtItsHour) {
  ServiceVault vault(
      "[servicio]\nhora_descubrimiento = \"00:45\"\n[[descubrimiento]]\nservidor = \"srv1\"\ncomando = [\"false\"]\n");
  const auto due = [&] { return DiscoveryIsDue(vault.catalogue(), vault.config, vault.clock.Now()); };
  EXPECT_FALSE(due());
  vault.clock.Advance(15min);
  EXPECT_TRUE(due());
  DiscoverAll(*vault.wiring, {}, {});
  EXPECT_FALSE(due());
  vault.clock.Advance(23h);
  EXPECT_FALSE(due());
  vault.clock.Advance(1h);
  EXPECT_TRUE(due());
}

}  // namespace
}  // namespace cofre::service
