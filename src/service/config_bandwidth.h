#pragma once

// The part of the configuration about links: how much of them this node may use, and when.

#include <string>
#include <vector>

#include "model/bandwidth.h"

namespace cofre::service {

class ConfigDocument;

// Of this node's link to one database server: how fast its dumps are read, all of them together.
struct ServerBandwidth {
  std::string server;    // servidor; whether there is such a one is for `cofre doctor`: it is in the catalogue
  BandwidthLimit limit;  // ancho_banda, ventanas

  bool operator==(const ServerBandwidth&) const = default;
};

struct BandwidthConfig {
  BandwidthLimit upload;                 // [limites] ancho_banda_subida, ventanas_subida
  BandwidthLimit download;               // [limites] ancho_banda_bajada, ventanas_bajada
  std::vector<ServerBandwidth> servers;  // [[limite_servidor]]; each server once

  // No limit where none is said of that server.
  BandwidthLimit OfServer(const std::string& server) const;
  bool operator==(const BandwidthConfig&) const = default;
};

// Takes the keys out of the document.
BandwidthConfig TakeBandwidth(ConfigDocument& document);

}  // namespace cofre::service
