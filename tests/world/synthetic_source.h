#pragma once

// A database that is not there: gives the dumps of the fleet after a while of virtual time, or fails as its nature and
// its server's weather have it.

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "sources/source.h"
#include "tests/world/fleet.h"
#include "tests/world/timeline.h"
#include "tests/world/weather.h"

namespace cofre::world {

class SyntheticSource : public sources::Source {
 public:
  static constexpr const char* kWrongPassword = "wrong user or password";
  static constexpr const char* kEndless = "the dump took longer than 30 minutes";

  struct Order {
    Fleet& fleet;
    Base& base;
    Weather& weather;
    VirtualClock& clock;
    bool current = false;
    uint64_t dice = 0;
  };
  explicit SyntheticSource(const Order& order) : order_(order) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override;
  // Into nothing; the end finds out whether it was ever a dump of this database.
  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override;
  sources::ProbeResult Probe(std::stop_token) override { return {.size_bytes = order_.base.content.size()}; }
  std::optional<uint64_t> CountTables(const std::string&, std::stop_token) override { return 7; }
  std::string DumpName() const override { return "CONTAB.fbk"; }

 private:
  void Wait(Duration pause, const std::stop_token& stop);

  Order order_;
};

}  // namespace cofre::world
