#pragma once

// One object in several requests, some of them at once.

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/retry.h"
#include "storage/s3/s3_requests.h"

namespace cofre::storage::s3 {

struct MultipartOptions {
  uint64_t part_bytes = uint64_t{16} * 1024 * 1024;  // at least; S3 wants 5 MiB or more of all but the last part
  int parts_in_flight = 4;
  RetryPolicy part_retry{.max_tries = 5};  // a part that fails should not cost those that went well
};

// The bytes of each part but the last, so that there are 10,000 at most.
uint64_t PartBytes(uint64_t object_bytes, uint64_t at_least);

// Uploads `body` under `key` (whole). The object appears in one step at the end. After an error the parts are taken
// back, as far as the server can be reached; also when `stop` is requested. `random` must be thread-safe.
void UploadInParts(Requests& requests, const std::string& key, ByteView body, const MultipartOptions& options,
                   Clock& clock, Random& random, const std::stop_token& stop);

}  // namespace cofre::storage::s3
