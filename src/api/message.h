#pragma once

// A request and its response as values of our own, so that what answers is tested without sockets, and only
// http_server.cc knows which library carries them.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cofre::api {

enum class Method : uint8_t { kGet, kPost, kPut, kPatch, kDelete };
inline constexpr Method kMethods[] = {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete};
std::string_view MethodName(Method method);  // "GET"

struct Request {
  Method method = Method::kGet;  // a HEAD comes as kGet: the server leaves the body out
  bool head = false;             // it was one: nothing that costs need be started for it
  std::string path;              // decoded, begins with '/'
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case; of several with one name the last, cookies joined
  std::string body;
  std::string address;  // who asks: the peer, or whom a trusted proxy says
  bool secure = false;  // it came over TLS of our own

  // Empty where it is missing.
  const std::string& Header(const std::string& name) const;
  const std::string& Query(const std::string& name) const;
  std::string Cookie(std::string_view name) const;
};

// Text that comes when it comes, until the client goes away. Used by one connection.
class Stream {
 public:
  virtual ~Stream() = default;
  // What is there now; empty: nothing yet; nullopt: it is over. Called from the server's thread: it must not block.
  virtual std::optional<std::string> Take() = 0;
  // `ready` is called, from any thread, when there is something to take. Given once, before the first Take; never
  // called once the stream is gone, so that its end waits for a call that is under way.
  virtual void OnReady(std::function<void()> ready) = 0;
};

struct Response;

// A file that is sent while it is made: as many bytes as it said, or a connection that is cut before them. Nothing is
// sent before its first piece, so that what fails at once is still answered as a problem. nullopt of Take: it has
// ended, well or not; of a file that ends well that comes once the last piece is with the client's system.
class FileStream : public Stream {
 public:
  struct Head {
    uint64_t bytes = 0;                 // Content-Length
    std::shared_ptr<Response> instead;  // set: it has failed before its first byte, and this is answered
  };
  // Asked once, after Take has given something or its end. Must not block.
  virtual Head Begin() = 0;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type and Content-Length
  std::string type;                                          // Content-Type; empty: there is no body
  std::string body;
  std::shared_ptr<Stream> stream = nullptr;    // set: sent instead of `body`, without length or end
  std::shared_ptr<FileStream> file = nullptr;  // set: sent instead of `body`
  std::optional<uint64_t> length = {};         // of what a HEAD asks for, where `body` is not it
};

// The target of a request line, "/a%20b?c=d+e", as path and query. nullopt for what is no such thing: no leading '/',
// a broken or needless escape of a control character, bytes that are not UTF-8, a '/' that was hidden in an escape, a
// parameter that stands twice, or more than 50 of them.
struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};
std::optional<Target> ParseTarget(std::string_view text);

}  // namespace cofre::api
