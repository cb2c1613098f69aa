#include "service/config_bandwidth.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "model/company.h"
#include "service/config_document.h"

namespace cofre::service {
namespace {

constexpr size_t kMostServers = 1000;

void TakeLimit(ConfigDocument& document, std::string_view section, std::string_view rate_key,
               std::string_view windows_key, BandwidthLimit& limit) {
  document.TakeText(section, rate_key,
                    [&](const std::string& value) { limit.bytes_per_second = ParseBandwidth(value); });
  document.TakeText(section, windows_key,
                    [&](const std::string& value) { limit.windows = ParseBandwidthWindows(value, windows_key); });
}

}  // namespace

BandwidthLimit BandwidthConfig::OfServer(const std::string& server) const {
  const auto found = std::ranges::find(servers, server, &ServerBandwidth::server);
  return found == servers.end() ? BandwidthLimit() : found->limit;
}

BandwidthConfig TakeBandwidth(ConfigDocument& document) {
  BandwidthConfig config;
  TakeLimit(document, "limites", "ancho_banda_subida", "ventanas_subida", config.upload);
  TakeLimit(document, "limites", "ancho_banda_bajada", "ventanas_bajada", config.download);
  for (const std::string& section : document.TakeSections("limite_servidor", kMostServers)) {
    ServerBandwidth server;
    document.TakeText(section, "servidor", [&](const std::string& value) { server.server = ParseServerName(value); });
    TakeLimit(document, section, "ancho_banda", "ventanas", server.limit);
    if (!document.Has(section, "servidor")) {
      document.AddProblem(section, "ancho_banda", "a [[limite_servidor]] has no servidor",
                          "name one of cofre server list");
    } else if (!document.Has(section, "ancho_banda") && !document.Has(section, "ventanas")) {
      document.AddProblem(section, "servidor", "a [[limite_servidor]] limits nothing",
                          "write ancho_banda = \"4 MB/s\", or ventanas, or leave the section out");
    } else if (std::ranges::find(config.servers, server.server, &ServerBandwidth::server) != config.servers.end()) {
      document.AddProblem(section, "servidor", Quoted(server.server) + " has two [[limite_servidor]]",
                          "write one, with ventanas for the hours that differ");
    }
    config.servers.push_back(std::move(server));
  }
  return config;
}

}  // namespace cofre::service
