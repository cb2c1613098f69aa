#include "sources/firebird_address.h"

#include <fmt/core.h>
#include <iconv.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/text.h"

namespace cofre::sources {
namespace {

constexpr uint16_t kDefaultPort = 3050;

class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(iconv_open(charset.c_str(), "UTF-8")) {
    if (!valid()) {
      throw Error(ErrorKind::kUsage, "there is no character set " + Quoted(charset),
                  "name one that `iconv -l` lists, as in CP1252, or none for UTF-8");
    }
  }
  ~Converter() {
    if (valid()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  iconv_t get() const { return handle_; }

 private:
  // iconv_open's sign of failure is (iconv_t)-1.
  bool valid() const { return reinterpret_cast<intptr_t>(handle_) != -1; }
  iconv_t handle_;
};

}  // namespace

std::string ToCharset(const std::string& text, const std::string& charset) {
  const Converter converter(charset);
  std::string result;
  std::array<char, 256> block{};
  char* in = const_cast<char*>(text.data());  // iconv does not write there
  size_t in_left = text.size();
  while (in_left > 0) {
    char* out = block.data();
    size_t out_left = block.size();
    const size_t substituted = iconv(converter.get(), &in, &in_left, &out, &out_left);
    result.append(block.data(), block.size() - out_left);
    if (substituted != 0 && !(substituted == static_cast<size_t>(-1) && errno == E2BIG)) {
      throw Error(ErrorKind::kUsage, Quoted(text) + " cannot be written in the character set " + charset,
                  "check the server's path_charset");
    }
  }
  return result;
}

FirebirdAddress MakeFirebirdAddress(const std::string& host, uint16_t port, const std::string& path,
                                    const std::string& path_charset) {
  if (path.empty()) throw Error(ErrorKind::kUsage, "an empty database path", "give its path or alias on the server");
  if (path.find('\0') != std::string::npos) throw Error(ErrorKind::kUsage, "a database path with a zero byte");
  const std::string encoded = path_charset.empty() ? path : ToCharset(path, path_charset);
  if (host.empty()) {
    if (path.find(':') != std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  "the local database path " + Quoted(path) + " holds a ':', before which Firebird expects a host",
                  "rename the file, or give the server's host and the path on it");
    }
    if (path.front() == '-') {
      throw Error(ErrorKind::kUsage, "the database path " + Quoted(path) + " looks like an option", "put ./ in front");
    }
    return {encoded, path};
  }
  if (host.front() == '-') throw Error(ErrorKind::kUsage, Quoted(host) + " is not a host name");
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  const std::string server = fmt::format("{}/{}", bare_ipv6 ? "[" + host + "]" : host, port != 0 ? port : kDefaultPort);
  return {server + ":" + encoded, server + ":" + path};
}

}  // namespace cofre::sources
