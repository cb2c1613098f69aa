// The stores that the contract is tried on.

#include "base/file.h"
#include "base/log.h"
#include "storage/limited_store.h"
#include "storage/local_store.h"
#include "storage/memory_store.h"
#include "storage/prefix_store.h"
#include "storage/retry_store.h"
#include "storage/s3/s3_store.h"
#include "tests/contract/object_store_contract.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/s3_bucket.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::storage {
namespace {

StoreUnderTest Memory() { return {.store = std::make_shared<MemoryStore>(), .surroundings = nullptr}; }

StoreUnderTest Local() {
  auto folder = std::make_shared<test::TemporaryFolder>();
  return {.store = std::make_shared<LocalStore>(folder->File("store"), true), .surroundings = folder};
}

struct LimitedSurroundings {
  test::ManualClock clock{TimePoint{}};
};

StoreUnderTest Limited() {
  auto surroundings = std::make_shared<LimitedSurroundings>();
  const auto limit = std::make_shared<io::Bandwidth>(surroundings->clock, [](TimePoint) { return 100'000; });
  return {.store = std::make_shared<LimitedStore>(std::make_shared<MemoryStore>(), limit, limit),
          .surroundings = surroundings};
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

// Parts of 5 MiB, so that the large object of the contract goes up in several.
S3Options InParts(const test::S3Bucket& bucket) {
  S3Options options = bucket.Options();
  options.multipart_bytes = uint64_t{6} * 1024 * 1024;
  options.multipart.part_bytes = uint64_t{5} * 1024 * 1024;
  return options;
}

StoreUnderTest S3() {
  return {.store = std::make_shared<S3Store>(InParts(test::S3Bucket()), SystemClock(), SystemRandom())};
}

StoreUnderTest S3WithPrefix() {
  const test::S3Bucket bucket;
  S3Store whole(bucket.Options(), SystemClock(), SystemRandom());
  for (const char* key : {"a/b0/data/x", "a/b.txt", "other", "a/b-/a"}) whole.Put(key, {}, std::nullopt, {});
  S3Options options = bucket.Options();
  options.prefix = "a/b/";
  return {.store = std::make_shared<S3Store>(options, SystemClock(), SystemRandom())};
}

// The bucket in the host's name: libcurl knows that whatever ends in ".localhost" is this machine.
StoreUnderTest S3VirtualHosted() {
  S3Options options = InParts(test::S3Bucket());
  options.path_style = false;
  options.host.replace(0, options.host.rfind(':'), "localhost");
  return {.store = std::make_shared<S3Store>(options, SystemClock(), SystemRandom())};
}

struct TlsSurroundings {
  explicit TlsSurroundings(const std::string& upstream)
      : proxy([](const auto&) { return test::FaultProxy::Forward(); }, {.upstream = upstream, .tls = true}) {}

  test::TemporaryFolder folder;
  test::FaultProxy proxy;
};

// The same server behind TLS with a certificate of our own, as OpenStore makes the store.
StoreUnderTest S3OverTls() {
  const test::S3Bucket bucket;
  auto surroundings = std::make_shared<TlsSurroundings>(bucket.endpoint());
  StoreOptions options = test::S3Bucket::StoreOptions();
  options.ca_file = surroundings->folder.File("ca.pem");
  WriteFileAtomically(options.ca_file, AsBytes(surroundings->proxy.authority()), 0600);
  const std::string url = "s3:" + surroundings->proxy.endpoint() + "/" + bucket.name() + "/some/prefix";
  return {.store = OpenStore(url, options, SystemClock(), SystemRandom()), .surroundings = surroundings};
}

}  // namespace

void ObjectStoreContract::SetUp() {
  SetLogLevel(LogLevel::kWarning);  // not each planted failure that a retry mends
  const std::string& server = GetParam().server;
  if (!server.empty()) COFRE_REQUIRE_SERVER(server.c_str());
  under_test_ = GetParam().make();
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreContract,
                         testing::Values(StoreCase{"Memory", "", Memory}, StoreCase{"Local", "", Local},
                                         StoreCase{"Limited", "", Limited}, StoreCase{"Prefix", "", Prefix},
                                         StoreCase{"RetryOverFaulty", "", RetryOverFaulty},
                                         StoreCase{"S3", "COFRE_TEST_S3_ENDPOINT", S3},
                                         StoreCase{"S3WithPrefix", "COFRE_TEST_S3_ENDPOINT", S3WithPrefix},
                                         StoreCase{"S3VirtualHosted", "COFRE_TEST_S3_ENDPOINT", S3VirtualHosted},
                                         StoreCase{"S3OverTls", "COFRE_TEST_S3_ENDPOINT", S3OverTls}),
                         [](const auto& store) { return store.param.name; });

}  // namespace cofre::storage
