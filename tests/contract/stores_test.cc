// The stores that the contract is tried on.

#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/prefix_store.h"
#include "storage/retry_store.h"
#include "tests/contract/object_store_contract.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::storage {
namespace {

StoreUnderTest Memory() { return {.store = std::make_shared<MemoryStore>(), .surroundings = nullptr}; }

StoreUnderTest Local() {
  auto folder = std::make_shared<test::TemporaryFolder>();
  return {.store = std::make_shared<LocalStore>(folder->File("store"), true), .surroundings = folder};
}

// Neighbours whose names begin alike must never be seen.
StoreUnderTest Prefix() {
  auto below = std::make_shared<MemoryStore>();
  for (const char* key : {"server/90", "server/900.txt", "server/9000/data/x", "other", "server/900-/a"}) {
    below->Put(key, {}, std::nullopt, {});
  }
  return {.store = std::make_shared<PrefixStore>(below, "server/900/"), .surroundings = nullptr};
}

struct FaultySurroundings {
  test::ManualClock clock{TimePoint{}};
  SeededRandom random{7};
};

// A third of the operations fails, in ways that a retry may mend.
StoreUnderTest RetryOverFaulty() {
  using Fault = test::FaultyStore::Fault;
  auto surroundings = std::make_shared<FaultySurroundings>();
  auto faulty = std::make_shared<test::FaultyStore>(std::make_shared<MemoryStore>());
  faulty->SetScript([random = std::make_shared<SeededRandom>(11)](const test::FaultyStore::Call& call) {
    if (random->Fraction() > 1.0 / 3) return Fault::kNone;
    const bool breakable = call.operation == test::FaultyStore::Operation::kList ||
                           call.operation == test::FaultyStore::Operation::kDeleteMany;
    return std::array{Fault::kError, Fault::kLostAnswer, breakable ? Fault::kHalf : Fault::kError}[random->Below(3)];
  });
  auto store =
      std::make_shared<RetryStore>(faulty, RetryPolicy{.max_tries = 30}, surroundings->clock, surroundings->random);
  return {.store = store, .surroundings = surroundings};
}

}  // namespace

void ObjectStoreContract::SetUp() {
  const std::string& server = GetParam().server;
  if (!server.empty()) COFRE_REQUIRE_SERVER(server.c_str());
  under_test_ = GetParam().make();
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreContract,
                         testing::Values(StoreCase{"Memory", "", Memory}, StoreCase{"Local", "", Local},
                                         StoreCase{"Prefix", "", Prefix},
                                         StoreCase{"RetryOverFaulty", "", RetryOverFaulty}),
                         [](const auto& store) { return store.param.name; });

}  // namespace cofre::storage
