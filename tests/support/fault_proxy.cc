#include "tests/support/fault_proxy.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace cofre::test {
namespace {

constexpr size_t kBlock = 64 * 1024;
constexpr char kTlsHandshake = 0x16;

FileDescriptor MakeSocket() {
  FileDescriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.valid()) throw std::runtime_error("cannot make a socket");
  const int on = 1;
  setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int PortOf(const std::string& endpoint) {
  int port = 0;
  const size_t colon = endpoint.rfind(':');
  std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
  return port;
}

size_t ToNumber(const std::string& text) {
  size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

struct FaultProxy::Tls {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  ~Tls() { SSL_CTX_free(context); }
};

// A connection, plain or not. Read and Write return false when the other side has gone.
class FaultProxy::Stream {
 public:
  Stream(FileDescriptor socket, const Tls* tls) : socket_(std::move(socket)) {
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls->context);
    SSL_set_fd(ssl_, socket_.get());
    broken_ = SSL_accept(ssl_) != 1;
  }
  ~Stream() { SSL_free(ssl_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool Read(std::string& buffer) {
    char block[kBlock];
    const ssize_t got = broken_           ? -1
                        : ssl_ != nullptr ? SSL_read(ssl_, block, sizeof block)
                                          : recv(socket_.get(), block, sizeof block, 0);
    if (got <= 0) return false;
    buffer.append(block, static_cast<size_t>(got));
    return true;
  }

  bool Write(std::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, data.data(), static_cast<int>(data.size()))
                                           : send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

 private:
  FileDescriptor socket_;
  SSL* ssl_ = nullptr;
  bool broken_ = false;
};

FaultProxy::FaultProxy(Handler handler, const Options& options) : handler_(std::move(handler)), options_(options) {
  if (options_.tls) MakeCertificate();
  listener_ = MakeSocket();
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_.get(), 64) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
}

FaultProxy::FaultProxy(std::vector<std::string> answers)
    : FaultProxy([answers = std::move(answers)](const Request& request) {
        const auto index = static_cast<size_t>(request.number - 1);
        if (index < answers.size()) return Action{.answer = answers[index]};
        return Action{.drop = true};
      }) {}

FaultProxy::~FaultProxy() {
  acceptor_.request_stop();
  shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  const std::lock_guard lock(mutex_);
  for (const int open : open_sockets_) shutdown(open, SHUT_RDWR);
  // The threads are joined when servers_ goes: they take the mutex on their way out.
}

std::string FaultProxy::endpoint() const {
  return options_.tls ? fmt::format("https://localhost:{}", port_) : fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<FaultProxy::Request> FaultProxy::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string FaultProxy::Answer(int status, const std::string& body, const std::string& headers) {
  return fmt::format("HTTP/1.1 {} Status\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

FaultProxy::Action FaultProxy::Reply(int status, const std::string& body, const std::string& headers) {
  return {.answer = Answer(status, body, headers)};
}

void FaultProxy::Accept(const std::stop_token& stop) {
  // OpenSSL writes without MSG_NOSIGNAL. Blocked in the threads of this class alone, lest it hide what the tested code
  // does; those that serve connections inherit it.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (!stop.stop_requested()) {
    FileDescriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) continue;
    const int at_once = options_.apart ? 0 : 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_sockets_.push_back(socket.get());
    servers_.emplace_back([this, shared = std::make_shared<FileDescriptor>(std::move(socket))] {
      const int number = shared->get();
      {
        Stream stream(std::move(*shared), tls_.get());
        Serve(stream);
        // Forgotten before it is closed: its number may be another's right after.
        const std::lock_guard forget(mutex_);
        std::erase(open_sockets_, number);
      }
    });
  }
}

void FaultProxy::Serve(Stream& stream) {
  std::string buffer;
  while (const auto request = ReadRequest(stream, buffer)) {
    if (!Perform(stream, *request, handler_(*request))) return;
  }
}

std::optional<FaultProxy::Request> FaultProxy::ReadRequest(Stream& stream, std::string& buffer) {
  size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!stream.Read(buffer)) return std::nullopt;
    if (buffer[0] == kTlsHandshake) {  // TLS to a plain port: as web servers do
      stream.Write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      return std::nullopt;
    }
  }
  Request request;
  const size_t method_end = buffer.find(' ');
  const size_t target_end = buffer.find(' ', method_end + 1);
  request.method = buffer.substr(0, method_end);
  request.target = buffer.substr(method_end + 1, target_end - method_end - 1);
  for (size_t begin = buffer.find("\r\n") + 2; begin < end + 2;) {
    const size_t line_end = buffer.find("\r\n", begin);
    const std::string line = buffer.substr(begin, line_end - begin);
    const size_t colon = line.find(':');
    request.headers[AsciiLower(line.substr(0, colon))] = std::string(Trimmed(std::string_view(line).substr(colon + 1)));
    begin = line_end + 2;
  }
  const auto length = request.headers.find("content-length");
  const size_t body_length = length == request.headers.end() ? 0 : ToNumber(length->second);
  while (buffer.size() < end + 4 + body_length) {
    if (!stream.Read(buffer)) return std::nullopt;
  }
  request.body = buffer.substr(end + 4, body_length);
  buffer.erase(0, end + 4 + body_length);

  const std::lock_guard lock(mutex_);
  request.number = static_cast<int>(requests_.size()) + 1;
  requests_.push_back(request);
  return request;
}

bool FaultProxy::Perform(Stream& stream, const Request& request, const Action& action) {
  const std::string answer = action.forward ? AskUpstream(request) : action.answer;
  if (action.drop) return false;
  if (action.silent) {
    std::string ignored;
    while (stream.Read(ignored)) ignored.clear();
    return false;
  }
  if (action.cut_after) {
    stream.Write(std::string_view(answer).substr(0, *action.cut_after));
    return false;
  }
  const size_t head = options_.apart ? answer.find("\r\n\r\n") + 4 : 0;
  if (!stream.Write(answer.substr(0, head)) || !stream.Write(std::string_view(answer).substr(head))) return false;
  if (!action.endless.empty()) {
    while (stream.Write(action.endless)) {
    }
    return false;
  }
  return !action.forward;  // what was forwarded says "Connection: close"
}

// The request goes on as it came, but for the connection, which no signature covers.
std::string FaultProxy::AskUpstream(const Request& request) const {
  FileDescriptor socket = MakeSocket();
  const sockaddr_in address = Loopback(PortOf(options_.upstream));
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return "";
  Stream upstream(std::move(socket), nullptr);
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) {
    if (name != "connection") head.append(name).append(": ").append(value).append("\r\n");
  }
  std::string answer;
  if (!upstream.Write(head + "\r\n") || !upstream.Write(request.body)) return "";
  while (upstream.Read(answer)) {
  }
  return answer;
}

void FaultProxy::MakeCertificate() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());

  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  authority_.assign(text, static_cast<size_t>(length));
  BIO_free(memory);

  tls_ = std::make_shared<Tls>();
  SSL_CTX_use_certificate(tls_->context, certificate);
  SSL_CTX_use_PrivateKey(tls_->context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

}  // namespace cofre::test
