#include "sources/firebird_address.h"

#include <fmt/core.h>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace cofre::sources {
namespace {

constexpr uint16_t kDefaultPort = 3050;

}  // namespace

std::string FirebirdAddress(const std::string& host, uint16_t port, const std::string& path) {
  if (path.empty()) throw Error(ErrorKind::kUsage, "an empty database path", "give its path or alias on the server");
  if (path.find('\0') != std::string::npos) throw Error(ErrorKind::kUsage, "a database path with a zero byte");
  if (!IsValidUtf8(path)) {
    throw Error(ErrorKind::kUsage, "the database path " + Quoted(path) + " is not UTF-8",
                "write it in UTF-8: Firebird translates it into its server's code page");
  }
  if (host.empty()) {
    if (path.find(':') != std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  "the local database path " + Quoted(path) + " holds a ':', before which Firebird expects a host",
                  "rename the file, or give the server's host and the path on it");
    }
    if (path.front() == '-') {
      throw Error(ErrorKind::kUsage, "the database path " + Quoted(path) + " looks like an option", "put ./ in front");
    }
    return path;
  }
  if (host.front() == '-') throw Error(ErrorKind::kUsage, Quoted(host) + " is not a host name");
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return fmt::format("{}/{}:{}", bare_ipv6 ? "[" + host + "]" : host, port != 0 ? port : kDefaultPort, path);
}

}  // namespace cofre::sources
