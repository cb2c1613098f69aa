#include "io/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/stop.h"
#include "base/text.h"
#include "io/curl_handle.h"

namespace cofre::io {
namespace {

template <typename Value>
void Set(CURL* easy, CURLoption option, Value value) {
  RequireOptionTaken(curl_easy_setopt(easy, option, value), option);
}

std::string Place(const SmtpServer& server) { return fmt::format("mail server {}:{}", server.host, server.port); }

void RequireSendable(const SmtpServer& server, const Mail& mail) {
  const auto require = [](const std::string& address) {
    if (IsMailAddress(address)) return;
    throw Error(ErrorKind::kUsage, fmt::format("{} is not a mail address", Quoted(address)),
                "write one such as cofre@example.com");
  };
  require(mail.from);
  std::ranges::for_each(mail.to, require);
  if (mail.to.empty()) throw Error(ErrorKind::kUsage, "a mail needs a receiver");
  if (!server.user.empty() && server.security == SmtpSecurity::kNone) {
    throw Error(ErrorKind::kUsage, Place(server) + ": a password is not sent without TLS",
                "use starttls or tls, or no user");
  }
  // It becomes a part of a URL.
  const bool plain = !server.host.empty() && std::ranges::all_of(server.host, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
  if (!plain) throw Error(ErrorKind::kUsage, fmt::format("{} is not a host's name", Quoted(server.host)));
}

// What the server said last, and what libcurl makes of it.
Error SmtpError(CURLcode code, long reply, const std::string& place, const char* detail) {
  const std::string message =
      fmt::format("{}: {}", place, detail != nullptr && *detail != '\0' ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
      return {ErrorKind::kAuth, message, "check the user and the password's file"};
    case CURLE_USE_SSL_FAILED:
      return {ErrorKind::kPermanent, message, "the server does not offer STARTTLS on this port: is it one for tls?"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorKind::kPermanent, message,
              "name the authority that signed the server's certificate in a CA file, or the host as the certificate "
              "does"};
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorKind::kPermanent, message, "the port speaks no TLS from the first byte: is it one for starttls?"};
    case CURLE_COULDNT_CONNECT:
      return {ErrorKind::kTransient, message, "check the host, the port, and that the server is up"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorKind::kTransient, message, "check the host's name and this machine's name service"};
    default:
      break;
  }
  if (reply == 530 || reply == 535) return {ErrorKind::kAuth, message, "check the user and the password's file"};
  if (reply >= 500) return {ErrorKind::kPermanent, message, "the server refuses the message: check `de` and `para`"};
  return {ErrorKind::kTransient, message};
}

class Delivery {
 public:
  Delivery(const SmtpServer& server, const Mail& mail)
      : place_(Place(server)), message_(FormatMail(mail)), multi_(curl_multi_init()), easy_(curl_easy_init()) {
    if (!multi_ || !easy_) throw std::bad_alloc();
    SetServer(server);
    SetMessage(mail);
  }

  void Run(const std::stop_token& stop) {
    CURLM* const multi = multi_.get();
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) throw std::bad_alloc();
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    for (int running = 1; running > 0;) {
      if (stop.stop_requested() || curl_multi_perform(multi, &running) != CURLM_OK) break;
      if (running > 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK) break;
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    // libcurl takes its leave of the server and waits for an answer; a stop must not.
    if (stop.stop_requested() && socket_ != CURL_SOCKET_BAD) shutdown(socket_, SHUT_RDWR);
    long reply = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &reply);
    curl_multi_remove_handle(multi, easy_.get());
    if (result == CURLE_OK) return;
    ThrowIfStopped(stop);
    throw SmtpError(result, reply, place_, error_);
  }

 private:
  void SetServer(const SmtpServer& server) {
    CURL* const easy = easy_.get();
    const bool tls = server.security == SmtpSecurity::kTls;
    Set(easy, CURLOPT_ERRORBUFFER, error_);
    Set(easy, CURLOPT_NOSIGNAL, 1L);
    Set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    Set(easy, CURLOPT_PROXY, "");
    Set(easy, CURLOPT_SOCKOPTFUNCTION, &Delivery::OnOpened);
    Set(easy, CURLOPT_SOCKOPTDATA, this);
    Set(easy, CURLOPT_CLOSESOCKETFUNCTION, &Delivery::OnClosed);
    Set(easy, CURLOPT_CLOSESOCKETDATA, this);
    Set(easy, CURLOPT_QUICK_EXIT, 1L);
    Set(easy, CURLOPT_URL, fmt::format("{}://{}:{}", tls ? "smtps" : "smtp", server.host, server.port).c_str());
    Set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_timeout.count()));
    Set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(server.total_timeout.count()));
    if (server.security == SmtpSecurity::kStartTls) Set(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!server.ca_file.empty()) Set(easy, CURLOPT_CAINFO, server.ca_file.c_str());
    if (server.user.empty()) return;
    Set(easy, CURLOPT_USERNAME, server.user.c_str());
    Set(easy, CURLOPT_PASSWORD, server.password.Reveal().c_str());
  }

  void SetMessage(const Mail& mail) {
    CURL* const easy = easy_.get();
    Set(easy, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    for (const std::string& address : mail.to) {
      Append(receivers_, "<" + address + ">");
    }
    Set(easy, CURLOPT_MAIL_RCPT, receivers_.get());
    Set(easy, CURLOPT_UPLOAD, 1L);
    Set(easy, CURLOPT_READFUNCTION, &Delivery::OnRead);
    Set(easy, CURLOPT_READDATA, this);
  }

  static int OnOpened(void* user, curl_socket_t socket, curlsocktype /*purpose*/) {
    static_cast<Delivery*>(user)->socket_ = socket;
    return CURL_SOCKOPT_OK;
  }
  static int OnClosed(void* user, curl_socket_t socket) {
    Delivery& delivery = *static_cast<Delivery*>(user);
    if (delivery.socket_ == socket) delivery.socket_ = CURL_SOCKET_BAD;
    return close(socket);
  }
  static size_t OnRead(char* buffer, size_t size, size_t count, void* user) {
    Delivery& delivery = *static_cast<Delivery*>(user);
    const size_t length = std::min(size * count, delivery.message_.size() - delivery.sent_);
    std::copy_n(delivery.message_.data() + delivery.sent_, length, buffer);
    delivery.sent_ += length;
    return length;
  }

  const std::string place_;
  const std::string message_;
  size_t sent_ = 0;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  char error_[CURL_ERROR_SIZE] = {};
  CurlList receivers_;
  CurlMulti multi_;  // goes after easy_
  CurlEasy easy_;
};

}  // namespace

void SendMail(const SmtpServer& server, const Mail& mail, const std::stop_token& stop) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) throw Error(ErrorKind::kPermanent, "libcurl cannot be initialized");
  RequireSendable(server, mail);
  Delivery(server, mail).Run(stop);
}

}  // namespace cofre::io
