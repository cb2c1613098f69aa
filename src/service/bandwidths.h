#pragma once

// The limits of this process's links, as the configuration has them: one for all that goes to the store, one for all
// that comes from it, one a database server for its dumps. They outlive a changed configuration, so that jobs under way
// hold to the new rates too.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "io/bandwidth.h"
#include "service/config.h"

namespace cofre::service {

// Thread-safe.
class Bandwidths {
 public:
  // `clock` outlives it and all that it gives.
  Bandwidths(const Config& config, Clock& clock);

  // From now on the rates of that configuration hold.
  void Apply(const Config& config);

  const std::shared_ptr<io::Bandwidth>& upload() const { return upload_; }
  const std::shared_ptr<io::Bandwidth>& download() const { return download_; }
  std::shared_ptr<io::Bandwidth> OfServer(const std::string& server);

 private:
  Clock& clock_;
  const std::shared_ptr<io::Bandwidth> upload_;
  const std::shared_ptr<io::Bandwidth> download_;

  std::mutex mutex_;
  BandwidthConfig config_;
  std::string time_zone_;
  std::map<std::string, std::shared_ptr<io::Bandwidth>> servers_;  // those that were asked for
};

// Bytes a second that a limit of this configuration allows now; 0: no limit.
uint64_t RateAt(const BandwidthLimit& limit, const Config& config, TimePoint now);

}  // namespace cofre::service
