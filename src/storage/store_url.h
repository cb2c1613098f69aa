#pragma once

// A store by its address, spelt as restic spells it: "file:/path", "s3:https://host[:port]/bucket[/prefix]" (also
// "s3:http://...").

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/retry.h"
#include "base/secret.h"
#include "io/bandwidth.h"
#include "storage/object_store.h"

namespace cofre::storage {

struct StoreUrl {
  enum class Kind { kLocal, kS3 };

  Kind kind = Kind::kLocal;
  std::string path;  // of kLocal: absolute
  bool tls = true;   // of kS3, as everything below
  std::string host;  // with the port where it is not the scheme's own: "s3.example.com", "127.0.0.1:7480", "[::1]:80"
  std::string bucket;
  std::string prefix;  // "" or "a/b", without a '/' at either end
};

// Throws kind usage and says which part is off.
StoreUrl ParseStoreUrl(std::string_view url);

struct StoreOptions {
  // S3. Where the keys are empty, they come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
  // AWS_SESSION_TOKEN), then from ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE).
  std::string access_key;
  Secret secret_key;
  Secret session_token;
  std::string region;                           // empty: AWS_REGION, AWS_DEFAULT_REGION, the host's, "us-east-1"
  std::optional<bool> path_style;               // bucket in the path, not in the host; nullopt: all but amazonaws.com
  std::string ca_file;                          // PEM; empty: the system's authorities
  uint64_t multipart_bytes = 64 * 1024 * 1024;  // larger objects go up in parts
  int max_connections = 16;                     // kept open at most

  // What goes to the store and comes from it holds to these, all requests together; null: no limit.
  std::shared_ptr<io::Bandwidth> upload;
  std::shared_ptr<io::Bandwidth> download;

  bool create_local_folder = false;  // of kLocal: make the folder where it is missing

  RetryPolicy retry;
};

// Opens the store and wraps it in a RetryStore. `clock` and `random` are not owned, must outlive the store, and are
// used from every thread that uses it. Spends no request; throws usage (URL), auth (no credentials), not_found (no
// folder).
std::shared_ptr<ObjectStore> OpenStore(std::string_view url, const StoreOptions& options, Clock& clock, Random& random);

}  // namespace cofre::storage
