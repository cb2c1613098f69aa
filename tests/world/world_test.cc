// The real planner, service, engine, repository and catalogue on virtual time, while everything around them goes wrong:
// the invariants of docs/architecture.md are held at every step (auditor.h, caps.h).
//
// For longer runs, from the environment:
//   COFRE_SIMULATION_SEEDS=N       seeds 1 to N (or FIRST-LAST) instead of 3, of several nodes 2; a third of them is
//                                  calm, a third stormy
//   COFRE_SIMULATION_DAYS=N        instead of 20, of several nodes 6
//   COFRE_SIMULATION_COMPANIES=N   instead of 10, of several nodes 8
//   COFRE_SIMULATION_NODES=N       instead of 3, in the worlds that have several
//   COFRE_SIMULATION_FAULTS=no     nothing goes wrong
//   COFRE_SIMULATION_READ_EVERY=N  reads every Nth backup back at once (1)
//   COFRE_SIMULATION_LOG=yes       the service's own log goes to standard error
// Each seed's figures go to standard output. All chance comes from the seed; what doesn't is the bytes
// of keys and nonces, and the order of requests that threads of one backup make at once.

#include "tests/world/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace cofre::world {
namespace {

uint64_t Number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::vector<uint64_t> Seeds(uint64_t first, uint64_t last) {
  if (const char* text = std::getenv("COFRE_SIMULATION_SEEDS")) {
    char* rest = nullptr;
    last = std::strtoull(text, &rest, 10);
    first = 1;
    if (*rest == '-') {
      first = last;
      last = std::strtoull(rest + 1, nullptr, 10);
    }
  }
  std::vector<uint64_t> seeds;
  for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  return seeds;
}

std::string Commit() {
  const std::filesystem::path git = std::filesystem::path(COFRE_PROJECT_FOLDER) / ".git";
  try {
    std::string head = ReadFile((git / "HEAD").string(), 4096);
    if (head.starts_with("ref: ")) head = ReadFile((git / head.substr(5, head.find('\n') - 5)).string(), 4096);
    return head.substr(0, 12);
  } catch (const Error&) {
    return "unknown";
  }
}

// As the environment has it, or else as `options` do.
WorldOptions FromEnvironment(WorldOptions options) {
  const char* faults = std::getenv("COFRE_SIMULATION_FAULTS");
  options.companies = Number("COFRE_SIMULATION_COMPANIES", options.companies);
  options.days = static_cast<int>(Number("COFRE_SIMULATION_DAYS", static_cast<uint64_t>(options.days)));
  options.faults = faults == nullptr || std::string(faults) != "no";
  options.read_every = Number("COFRE_SIMULATION_READ_EVERY", 1);
  return options;
}

void RunWorld(const WorldOptions& options) {
  SetLogLevel(std::getenv("COFRE_SIMULATION_LOG") == nullptr ? LogLevel::kError : LogLevel::kInfo);
  // What is kept there is worth no disk's patience.
  if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", 0);
  const Duration begin = SystemClock().Monotonic();
  World world(options);
  world.RunFor(std::chrono::hours(24) * options.days);
  world.EndWell();
  const std::chrono::duration<double> took = SystemClock().Monotonic() - begin;
  fmt::print("{}; {:.1f} s\n", world.Summary(), took.count());
  std::fflush(stdout);
  for (const std::string& failure : world.failures()) ADD_FAILURE() << failure << ", commit " << Commit();
}

class WorldTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(WorldTest, WhateverGoesWrongNoBackupIsLostAndNobodyStarves) {
  RunWorld(FromEnvironment({.seed = GetParam(), .companies = 10, .days = 20}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, WorldTest, ::testing::ValuesIn(Seeds(1, 3)));

class NodesTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(NodesTest, WhatGoesWrongWithSomeNodesIsMadeGoodByTheOthers) {
  RunWorld(
      FromEnvironment({.seed = GetParam(), .companies = 8, .days = 6, .nodes = Number("COFRE_SIMULATION_NODES", 3)}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, NodesTest, ::testing::ValuesIn(Seeds(1, 2)));

}  // namespace
}  // namespace cofre::world
