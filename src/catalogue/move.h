#pragma once

// Carries a catalogue over to another place, as from an SQLite file to the PostgreSQL database of a fleet.

#include <cstdint>
#include <string>
#include <vector>

namespace cofre::catalogue {

// Every table of a catalogue, each after those that it refers to, but for what belongs to running processes: leases and
// nodes.
const std::vector<std::string>& MovedTables();

struct MoveReport {
  uint64_t rows = 0;
};

// Copies all of it, in one transaction of the target, reads both sides back and compares them, then commits. `from`
// stays as it is; nobody can write to it meanwhile. The target must be empty, or hold an earlier copy of the same
// catalogue, whose place this one takes: so it can be repeated until the day of the change. Throws usage for any other
// target, and what Catalogue::Open throws.
MoveReport MoveCatalogue(const std::string& from, const std::string& to);

}  // namespace cofre::catalogue
