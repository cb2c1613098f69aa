#pragma once

// A node: one process that serves, beside others on the same catalogue. Values only.

#include <string>

#include "base/clock.h"

namespace cofre {

struct Node {
  std::string name;     // as a server's: small letters, digits and '-'
  std::string owner;    // base/process_identity.h, of the process that last bore the name
  std::string version;  // of the program
  TimePoint started{};
  TimePoint seen{};       // its last sign of life
  bool draining = false;  // ends what it does and begins nothing more

  bool operator==(const Node&) const = default;
};

// That node is one of those that back up that server.
struct NodeBinding {
  std::string server;
  std::string node;

  bool operator==(const NodeBinding&) const = default;
};

}  // namespace cofre
