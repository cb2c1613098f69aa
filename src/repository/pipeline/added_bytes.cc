#include "repository/pipeline/added_bytes.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"

namespace cofre::repository {

void AddedBytes::Admit(uint64_t bytes) {
  const uint64_t sum = admitted_ += bytes;
  if (!limit_ || sum <= *limit_) return;
  admitted_ -= bytes;
  throw Error(
      ErrorKind::kQuota,
      fmt::format("this backup would add more than the {} bytes ({}) that are left: it had added {} bytes when an "
                  "object of {} bytes was due",
                  *limit_, HumanBytes(*limit_), sum - bytes, bytes),
      "raise the space limit or let older backups go");
}

}  // namespace cofre::repository
