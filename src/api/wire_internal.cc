#include "api/wire_internal.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace cofre::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

template <typename Stream>
class WireOver : public Wire {
 public:
  template <typename... More>
  explicit WireOver(tcp::socket&& socket, More&... more) : stream_(std::move(socket), more...) {
    error_code ignored;
    Socket().set_option(tcp::no_delay(true), ignored);
  }

  void Greet(Done done) override {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [done = std::move(done)](error_code error) { done(error, 0); });
    } else {
      asio::post(stream_.get_executor(), [done = std::move(done)] { done({}, 0); });
    }
  }
  void ReadSome(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void ReadSomeRaw(asio::mutable_buffer into, Done done) override { Lowest().async_read_some(into, std::move(done)); }
  void Write(asio::const_buffer bytes, Done done) override { asio::async_write(stream_, bytes, std::move(done)); }

  void ExpireAfter(std::chrono::milliseconds time) override { Lowest().expires_after(time); }
  void ExpireNever() override { Lowest().expires_never(); }

  bool IsSecret() const override { return std::is_same_v<Stream, TlsStream>; }
  void EndWriting() override {
    error_code ignored;
    Socket().shutdown(tcp::socket::shutdown_send, ignored);
  }
  void Close() override {
    error_code ignored;
    Socket().close(ignored);
  }
  void Reset() override {
    error_code ignored;
    Socket().set_option(asio::socket_base::linger(true, 0), ignored);
    Close();
  }

 private:
  PlainStream& Lowest() { return beast::get_lowest_layer(stream_); }
  tcp::socket& Socket() { return Lowest().socket(); }

  Stream stream_;
};

std::shared_ptr<asio::ssl::context> TlsWith(const std::string& certificate, const std::string& private_key) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  const auto require = [](error_code error, const std::string& what, const std::string& file) {
    if (!error) return;
    throw Error(ErrorKind::kUsage, fmt::format("{} is not {}: {}", file, what, error.message()),
                "[api] certificado and clave_privada are PEM files of one certificate chain and its key");
  };
  error_code error;
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                   asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  tls->use_certificate_chain_file(certificate, error);
  require(error, "a certificate", certificate);
  tls->use_private_key_file(private_key, asio::ssl::context::pem, error);
  require(error, "the certificate's key", private_key);
  SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION);
  return tls;
}

}  // namespace

MakeWire WiresWith(const std::string& certificate, const std::string& private_key) {
  if (certificate.empty()) {
    return [](tcp::socket&& socket) { return std::make_unique<WireOver<PlainStream>>(std::move(socket)); };
  }
  return [tls = TlsWith(certificate, private_key)](tcp::socket&& socket) {
    return std::make_unique<WireOver<TlsStream>>(std::move(socket), *tls);
  };
}

}  // namespace cofre::api
