#include "service/bandwidths.h"

#include "planner/local_time.h"

namespace cofre::service {
namespace {

io::Bandwidth::Rate RateOf(const BandwidthLimit& limit, const std::string& time_zone) {
  if (limit.windows.empty()) return [rate = limit.bytes_per_second](TimePoint) { return rate; };
  return [limit, zone = planner::TimeZone::Find(time_zone)](TimePoint now) { return limit.At(zone.MinuteOfDay(now)); };
}

}  // namespace

Bandwidths::Bandwidths(const Config& config, Clock& clock)
    : clock_(clock),
      upload_(std::make_shared<io::Bandwidth>(clock, RateOf(config.bandwidth.upload, config.time_zone))),
      download_(std::make_shared<io::Bandwidth>(clock, RateOf(config.bandwidth.download, config.time_zone))),
      config_(config.bandwidth),
      time_zone_(config.time_zone) {}

void Bandwidths::Apply(const Config& config) {
  const std::lock_guard lock(mutex_);
  config_ = config.bandwidth;
  time_zone_ = config.time_zone;
  upload_->SetRate(RateOf(config_.upload, time_zone_));
  download_->SetRate(RateOf(config_.download, time_zone_));
  for (const auto& [server, bandwidth] : servers_) bandwidth->SetRate(RateOf(config_.OfServer(server), time_zone_));
}

std::shared_ptr<io::Bandwidth> Bandwidths::OfServer(const std::string& server) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<io::Bandwidth>& bandwidth = servers_[server];
  if (bandwidth == nullptr) {
    bandwidth = std::make_shared<io::Bandwidth>(clock_, RateOf(config_.OfServer(server), time_zone_));
  }
  return bandwidth;
}

uint64_t RateAt(const BandwidthLimit& limit, const Config& config, TimePoint now) {
  return RateOf(limit, config.time_zone)(now);
}

}  // namespace cofre::service
