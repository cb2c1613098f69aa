#pragma once

// A fleet for tests: companies of one database each, in Bogota (UTC-5), at 01:00, on one server.

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "planner/planner.h"

namespace cofre::planner {

inline TimePoint Time(const char* text) { return ParseTime(text).value(); }
inline int32_t DayNumber(const char* day) { return static_cast<int32_t>(ParseDay(day).time_since_epoch().count()); }

// What happened to a database; attempts took no time.
struct Past {
  const char* newest = nullptr;
  Outcome outcome = Outcome::kNone;
  const char* ended = nullptr;
  uint8_t attempt = 1;
};

class TestFleet {
 public:
  TestFleet() {
    fleet_.zones.push_back(TimeZone::Find("America/Bogota"));
    AddServer({.name = "contab-1"});
  }

  Fleet* operator->() { return &fleet_; }
  Fleet& operator*() { return fleet_; }

  uint32_t AddServer(const ServerFacts& server) {
    fleet_.servers.push_back(server);
    return static_cast<uint32_t>(fleet_.servers.size() - 1);
  }
  uint16_t AddZone(const std::string& name) {
    fleet_.zones.push_back(TimeZone::Find(name));
    return static_cast<uint16_t>(fleet_.zones.size() - 1);
  }

  // A new company with one database.
  uint32_t Add(int year, const Past& past = {}) {
    fleet_.companies.push_back({.key = KeyOf(std::to_string(fleet_.companies.size()))});
    return AddToSameCompany(year, past);
  }
  uint32_t AddToSameCompany(int year, const Past& past = {}) {
    DatabaseFacts database{.company = static_cast<uint32_t>(fleet_.companies.size() - 1),
                           .fiscal_year = static_cast<int16_t>(year)};
    if (past.newest != nullptr) database.newest_backup = Time(past.newest);
    if (past.ended != nullptr) {
      database.outcome = past.outcome;
      database.attempt = past.attempt;
      database.attempt_started = database.attempt_ended = Time(past.ended);
    }
    fleet_.databases.push_back(database);
    return static_cast<uint32_t>(fleet_.databases.size() - 1);
  }
  CompanyFacts& CompanyOf(uint32_t database) { return fleet_.companies[fleet_.databases[database].company]; }

  Plan At(TimePoint now, const Policy& policy = {}) const { return MakePlan(fleet_, policy, now); }
  Plan At(const char* now, const Policy& policy = {}) const { return At(Time(now), policy); }
  PlanReason ReasonAt(const char* now, uint32_t database) const { return At(now).entries[database].reason; }

 private:
  Fleet fleet_;
};

}  // namespace cofre::planner
