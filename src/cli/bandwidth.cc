#include "cli/bandwidth.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "service/bandwidths.h"

namespace cofre::cli {
namespace {

using service::Json;

std::string Now(const BandwidthLimit& limit, const service::Config& config, TimePoint now) {
  return FormatBandwidth(service::RateAt(limit, config, now));
}

std::string Whole(const BandwidthLimit& limit, const service::Config& config, TimePoint now) {
  if (limit.windows.empty()) return FormatBandwidth(limit);
  return fmt::format("{}; now {}", FormatBandwidth(limit), Now(limit, config, now));
}

Json NumberOrNull(uint64_t number) { return number == 0 ? Json() : Json(number); }

}  // namespace

std::string BandwidthNow(const service::Config& config, TimePoint now) {
  const service::BandwidthConfig& bandwidth = config.bandwidth;
  if (bandwidth == service::BandwidthConfig()) return "no limits";
  std::string text =
      fmt::format("up {}, down {}", Now(bandwidth.upload, config, now), Now(bandwidth.download, config, now));
  for (const service::ServerBandwidth& server : bandwidth.servers) {
    text += fmt::format(", dumps of {} {}", server.server, Now(server.limit, config, now));
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> BandwidthFields(const service::Config& config, TimePoint now) {
  const service::BandwidthConfig& bandwidth = config.bandwidth;
  std::vector<std::pair<std::string, std::string>> fields = {
      {"upload limit", Whole(bandwidth.upload, config, now)},
      {"download limit", Whole(bandwidth.download, config, now)},
  };
  for (const service::ServerBandwidth& server : bandwidth.servers) {
    fields.emplace_back("dumps of " + server.server, Whole(server.limit, config, now));
  }
  return fields;
}

Json BandwidthToJson(const service::Config& config, TimePoint now) {
  const service::BandwidthConfig& bandwidth = config.bandwidth;
  Json servers = Json::object();
  for (const service::ServerBandwidth& server : bandwidth.servers) {
    servers[server.server] = NumberOrNull(service::RateAt(server.limit, config, now));
  }
  return {{"subida", NumberOrNull(service::RateAt(bandwidth.upload, config, now))},
          {"bajada", NumberOrNull(service::RateAt(bandwidth.download, config, now))},
          {"servidores", std::move(servers)}};
}

}  // namespace cofre::cli
