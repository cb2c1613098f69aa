#pragma once

// The companies' databases as they really are: what a dump of each gives on each day.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"
#include "catalogue/catalogue.h"
#include "sources/discovery.h"

namespace cofre::world {

// How the dumps of a database go.
enum class Nature : uint8_t {
  kHealthy,
  kFlaky,   // every third fails, at its beginning or half way
  kBroken,  // a wrong password
  kEndless,
};

struct Base {
  std::string company;
  int fiscal_year = 0;
  uint32_t server = 0;
  Nature nature = Nature::kHealthy;
  Duration nature_since{};  // monotonic
  Duration known_since{};
  bool listed = true;      // by discovery
  bool backed_up = false;  // it had a restorable backup once
  Bytes content;
  int64_t day = 0;         // of the content
  std::set<Digest> dumps;  // all that were ever given
  Digest last_dump{};
};

using BaseKey = std::pair<std::string, int>;

class Fleet {
 public:
  Fleet(uint64_t seed, size_t companies, int current_year);

  // Servers and companies; their databases come by discovery.
  void Register(catalogue::Catalogue& catalogue) const;
  // What discovery finds on a server.
  std::vector<sources::FoundDatabase> List(uint32_t server) const;
  // Databases of the year for some of those companies that have none yet, and for all of them after three weeks.
  void AddYear(int year, int day_of_year, Duration now);

  // A dump as of that day: a little of it changes from day to day, of closed years hardly anything.
  const Bytes& Dump(Base& base, int64_t day, bool current);

  Base* Find(const std::string& company, int fiscal_year);
  std::map<BaseKey, Base>& bases() { return bases_; }
  const std::map<BaseKey, Base>& bases() const { return bases_; }
  const std::vector<Company>& companies() const { return companies_; }
  const std::vector<Server>& servers() const { return servers_; }
  uint32_t ServerOf(const std::string& company) const { return server_of_.at(company); }

 private:
  void AddBase(const Company& company, int year, Duration now);

  const uint64_t seed_;
  SeededRandom random_;
  std::vector<Server> servers_;
  std::vector<Company> companies_;
  std::map<std::string, uint32_t> server_of_;
  std::map<BaseKey, Base> bases_;
};

}  // namespace cofre::world
