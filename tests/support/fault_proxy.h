#pragma once

// An HTTP/1.1 server on loopback that answers as a test says: with canned bytes, or with what a real server behind it
// answers, late, cut or not at all. Optionally over TLS, with a certificate made for the occasion.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"

namespace cofre::test {

class FaultProxy {
 public:
  struct Request {
    int number = 0;  // from 1, over all connections
    std::string method;
    std::string target;                          // path and query, as received
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };

  struct Action {
    std::string answer;               // sent as it is, where the request is not forwarded
    bool forward = false;             // to the server behind; its answer is sent
    bool drop = false;                // nothing is sent: the connection is closed
    bool silent = false;              // nothing is sent and the connection stays open until the other side closes it
    std::optional<size_t> cut_after;  // so many bytes of the answer are sent, then the connection is closed
    std::string endless;              // sent after the answer, again and again
  };
  using Handler = std::function<Action(const Request&)>;

  struct Options {
    std::string upstream;  // "http://127.0.0.1:7480", for actions that forward
    bool tls = false;
    bool apart = false;  // head and body of a canned answer are sent apart, with Nagle's algorithm: Ceph's default
  };

  FaultProxy(Handler handler, const Options& options);
  explicit FaultProxy(Handler handler) : FaultProxy(std::move(handler), Options()) {}
  // Plays the answers one after the other, and drops the connection when there are no more.
  explicit FaultProxy(std::vector<std::string> answers);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // "http://127.0.0.1:41234", or https://localhost:...
  std::string endpoint() const;
  // With TLS: the authority that signed the certificate, in PEM.
  const std::string& authority() const { return authority_; }

  std::vector<Request> requests() const;
  int connections() const { return connections_; }

  // A whole answer. `headers` are lines that end in "\r\n"; Content-Length is added.
  static std::string Answer(int status, const std::string& body, const std::string& headers = "");
  static Action Reply(int status, const std::string& body, const std::string& headers = "");
  static Action Forward() { return {.forward = true}; }

 private:
  class Stream;
  void Accept(const std::stop_token& stop);
  void Serve(Stream& stream);
  std::optional<Request> ReadRequest(Stream& stream, std::string& buffer);
  // False where the connection is to be closed.
  bool Perform(Stream& stream, const Request& request, const Action& action);
  std::string AskUpstream(const Request& request) const;
  void MakeCertificate();

  struct Tls;
  Handler handler_;
  Options options_;
  std::string authority_;
  std::shared_ptr<Tls> tls_;
  FileDescriptor listener_;
  int port_ = 0;
  std::atomic<int> connections_{0};

  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<int> open_sockets_;
  std::vector<std::jthread> servers_;
  std::jthread acceptor_;  // last: ends first
};

}  // namespace cofre::test
