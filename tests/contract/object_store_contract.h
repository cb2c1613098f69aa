#pragma once

// What every ObjectStore promises, as tests that run on each implementation. A program that includes this instantiates
// the suite: INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreContract, testing::Values(StoreCase{...})).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "storage/object_store.h"

namespace cofre::storage {

// An empty store, and whatever must live as long as it does.
struct StoreUnderTest {
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<void> surroundings;
};

struct StoreCase {
  std::string name;
  // The endpoint that must be set in the environment, or "".
  std::string server;
  std::function<StoreUnderTest()> make;
};
inline void PrintTo(const StoreCase& store_case, std::ostream* out) { *out << store_case.name; }

class ObjectStoreContract : public testing::TestWithParam<StoreCase> {
 protected:
  void SetUp() override;

  ObjectStore& store() { return *under_test_.store; }

  void Put(const std::string& key, std::string_view text) { store().Put(key, AsBytes(text), std::nullopt, {}); }
  std::string Get(const std::string& key) {
    const Bytes content = store().Get(key, 1 << 20, {});
    return std::string(AsText(content));
  }
  std::vector<std::string> Keys(const std::string& prefix = "") {
    std::vector<std::string> keys;
    for (const ObjectInfo& object : ListAll(store(), prefix, {})) keys.push_back(object.key);
    return keys;
  }
  static Bytes Noise(size_t size, uint64_t seed = 1) {
    Bytes bytes(size);
    SeededRandom(seed).Fill(bytes);
    return bytes;
  }
  static std::stop_token Stopped() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
  }

 private:
  StoreUnderTest under_test_;
};

// The kind of the error that `work` throws.
template <typename Work>
std::string KindOf(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(ErrorKindName(error.kind()));
  }
  return "none";
}

}  // namespace cofre::storage
