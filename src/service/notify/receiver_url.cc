#include "service/notify/receiver_url.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

namespace cofre::service {

void RequireReceiverUrl(const std::string& url) {
  const size_t scheme = url.find("://");
  const bool is_http = url.starts_with("https://") || url.starts_with("http://");
  const std::string_view rest = is_http ? std::string_view(url).substr(scheme + 3) : std::string_view();
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; });
  if (!is_http || host.empty() || !is_plain || url.size() > 2048) {
    throw Error(ErrorKind::kUsage, "this is not an https:// or http:// URL",
                "write https://host/path, what is not a letter or digit in it encoded with %");
  }
  if (host.find('@') != std::string_view::npos) {
    throw Error(ErrorKind::kUsage, "a URL must not hold a user or password",
                "use archivo_token, or archivo_url with a URL that is the secret");
  }
}

std::string Resolve(const ReceiverUrl& url) {
  if (url.file.empty()) return url.url;
  const Secret secret = ReadSecretFile(url.file);
  std::string text(Trimmed(secret.Reveal()));
  try {
    RequireReceiverUrl(text);
  } catch (const Error& error) {
    throw error.In(url.file);
  }
  return text;
}

}  // namespace cofre::service
