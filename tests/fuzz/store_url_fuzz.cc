// Any bytes as a store's URL and as a credentials file: read, or refused with kind usage or auth.

#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "storage/s3/credentials.h"
#include "storage/store_url.h"

namespace {

void Url(std::string_view text) {
  using cofre::storage::StoreUrl;
  try {
    const StoreUrl url = cofre::storage::ParseStoreUrl(text);
    if (url.kind == StoreUrl::Kind::kLocal) {
      if (!url.path.starts_with('/')) std::abort();
      return;
    }
    if (url.host.empty() || url.bucket.size() < 3 || url.host.find_first_of("/@ ?#") != std::string::npos) std::abort();
    if (!url.prefix.empty()) cofre::storage::RequireValidKey(url.prefix);
    // What was read is read again as the same from its own spelling.
    const std::string again = std::string("s3:") + (url.tls ? "https://" : "http://") + url.host + "/" + url.bucket +
                              (url.prefix.empty() ? "" : "/" + url.prefix);
    const StoreUrl second = cofre::storage::ParseStoreUrl(again);
    if (second.host != url.host || second.bucket != url.bucket || second.prefix != url.prefix) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kUsage) std::abort();
  }
}

void CredentialsFile(std::string_view text) {
  try {
    const auto found = cofre::storage::s3::ParseCredentialsFile(text, "default");
    if (found && (found->access_key.empty() || found->secret_key.empty())) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kAuth) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = cofre::AsText({data, size});
  Url(text);
  CredentialsFile(text);
  return 0;
}
