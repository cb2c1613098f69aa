#include "io/http_connection.h"

#include <curl/curl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "base/text.h"
#include "io/bandwidth.h"
#include "io/curl_handle.h"

namespace cofre::io {
namespace {

constexpr size_t kMaxHeaderBytes = size_t{64} * 1024;
constexpr size_t kMaxErrorBodyBytes = size_t{64} * 1024;
constexpr long kTransferBuffer = 256L * 1024;
constexpr const char* kUserAgent = "cofre";

template <typename Value>
void Set(CURL* easy, CURLoption option, Value value) {
  RequireOptionTaken(curl_easy_setopt(easy, option, value), option);
}

// scheme://host:port of a URL, for messages.
std::string Origin(const std::string& url) {
  const size_t host = url.find("://");
  return url.substr(0, url.find('/', host == std::string::npos ? 0 : host + 3));
}

// One request under way: what the callbacks of libcurl fill.
struct Transfer {
  Transfer(const HttpRequest& sent, const HttpOptions& settings, const std::stop_token& end)
      : request(sent), options(settings), stop(end) {}

  const HttpRequest& request;
  const HttpOptions& options;
  const std::stop_token& stop;
  CURL* easy = nullptr;
  HttpResponse response;
  size_t sent_bytes = 0;
  size_t header_bytes = 0;
  bool too_large = false;  // the body of a 2xx answer
  bool headers_too_large = false;
  bool error_body_cut = false;  // enough of another answer's body has been read
};

// It waits here for its turn: each connection is driven by a thread of its own (decision 0014).
size_t OnUpload(char* buffer, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const ByteView rest = transfer.request.body.subspan(transfer.sent_bytes);
  size_t length = std::min(size * count, rest.size());
  if (length > 0 && transfer.options.upload != nullptr) {
    length = transfer.options.upload->Take(length, transfer.stop);
    if (length == 0) return CURL_READFUNC_ABORT;
  }
  if (length > 0) std::memcpy(buffer, rest.data(), length);
  transfer.sent_bytes += length;
  return length;
}

// libcurl rewinds a body to send it again over a new connection.
int OnSeek(void* user, curl_off_t offset, int origin) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  if (origin != SEEK_SET || offset < 0 || static_cast<uint64_t>(offset) > transfer.request.body.size()) {
    return CURL_SEEKFUNC_FAIL;
  }
  transfer.sent_bytes = static_cast<size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

// Returning another length than was given ends the transfer.
size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.headers_too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // those before belong to an answer of status 1xx
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.response.headers.push_back(
        {.name = std::string(line.substr(0, colon)), .value = std::string(Trimmed(line.substr(colon + 1)))});
  }
  return line.size();
}

// What has come is let in at the rate; what has not waits in the sender, for nobody takes it off the connection.
bool WaitForDownload(const Transfer& transfer, size_t length) {
  if (transfer.options.download == nullptr) return true;
  while (length > 0) {
    const size_t granted = transfer.options.download->Take(length, transfer.stop);
    if (granted == 0) return false;
    length -= granted;
  }
  return true;
}

size_t OnDownload(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  Bytes& body = transfer.response.body;
  const size_t length = size * count;
  if (!WaitForDownload(transfer, length)) return CURL_WRITEFUNC_ERROR;
  if (body.empty()) {
    long status = 0;
    curl_off_t announced = -1;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    transfer.response.status = static_cast<int>(status);
    if (status / 100 == 2 && announced > 0 && static_cast<uint64_t>(announced) <= transfer.request.response_limit) {
      body.reserve(static_cast<size_t>(announced));
    }
    transfer.too_large =
        status / 100 == 2 && announced > 0 && static_cast<uint64_t>(announced) > transfer.request.response_limit;
  }
  if (transfer.response.status / 100 == 2) {
    if (transfer.too_large || length > transfer.request.response_limit - body.size()) {
      transfer.too_large = true;
      return 0;
    }
    body.insert(body.end(), data, data + length);
    return length;
  }
  const size_t kept = std::min(length, kMaxErrorBodyBytes - body.size());
  body.insert(body.end(), data, data + kept);
  transfer.error_body_cut = kept < length;
  return kept;
}

bool IsCertificateProblem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CRL_BADFILE || code == CURLE_SSL_CIPHER;
}

Error TransferError(CURLcode code, const std::string& origin, const char* detail) {
  const std::string message =
      fmt::format("{}: {}", origin, detail != nullptr && *detail != '\0' ? detail : curl_easy_strerror(code));
  if (IsCertificateProblem(code)) {
    return {
        ErrorKind::kPermanent, message,
        "name the authority that signed the server's certificate in a CA file, or the host as the certificate does"};
  }
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
      if (message.find("wrong version number") != std::string::npos) {
        return {ErrorKind::kPermanent, message, "the server does not speak TLS on this port: is it http:// ?"};
      }
      return {ErrorKind::kTransient, message};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorKind::kTransient, message, "check the host's name and this machine's name service"};
    case CURLE_COULDNT_CONNECT:
      return {ErrorKind::kTransient, message, "check the host, the port, and that the server is up"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {ErrorKind::kUsage, message};
    case CURLE_OUT_OF_MEMORY:
      return {ErrorKind::kPermanent, message};
    default:
      return {ErrorKind::kTransient, message};
  }
}

}  // namespace

// libcurl keeps the open connections in the multi handle, so that the next request finds them.
class HttpConnection::Handle {
 public:
  explicit Handle(const HttpOptions& options) : options_(options), multi_(curl_multi_init()), easy_(curl_easy_init()) {
    if (!easy_ || !multi_) throw std::bad_alloc();
  }

  HttpResponse Send(const HttpRequest& request, const std::stop_token& stop) {
    Transfer transfer(request, options_, stop);
    transfer.easy = easy_.get();
    error_[0] = '\0';
    curl_easy_reset(easy_.get());
    SetTransport();
    const CurlList headers = SetRequest(request, transfer);
    const CURLcode code = Run(stop);
    if (code != CURLE_OK) {
      ThrowIfStopped(stop);
      if (transfer.too_large) {
        throw Error(ErrorKind::kCorrupt, fmt::format("{}: the answer has more than the expected {} bytes",
                                                     Origin(request.url), request.response_limit));
      }
      if (transfer.headers_too_large) {
        throw Error(ErrorKind::kCorrupt, Origin(request.url) + ": the answer's headers do not end");
      }
      if (!transfer.error_body_cut) throw TransferError(code, Origin(request.url), error_);
    }
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }

 private:
  void SetTransport() {
    CURL* const easy = easy_.get();
    Set(easy, CURLOPT_ERRORBUFFER, error_);
    Set(easy, CURLOPT_NOSIGNAL, 1L);
    Set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    Set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(easy, CURLOPT_PROXY, "");
    Set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    Set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    Set(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name service that does not answer
    Set(easy, CURLOPT_SOCKOPTFUNCTION, &Handle::OnOpened);
    Set(easy, CURLOPT_SOCKOPTDATA, this);
    Set(easy, CURLOPT_CLOSESOCKETFUNCTION, &Handle::OnClosed);
    Set(easy, CURLOPT_CLOSESOCKETDATA, this);
    Set(easy, CURLOPT_BUFFERSIZE, kTransferBuffer);
    Set(easy, CURLOPT_UPLOAD_BUFFERSIZE, kTransferBuffer);
    Set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout.count()));
    Set(easy, CURLOPT_TIMEOUT, static_cast<long>(options_.total_timeout.count()));
    Set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    Set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    if (!options_.ca_file.empty()) Set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  }

  CurlList SetRequest(const HttpRequest& request, Transfer& transfer) {
    CURL* const easy = easy_.get();
    Set(easy, CURLOPT_URL, request.url.c_str());
    Set(easy, CURLOPT_PATH_AS_IS, 1L);
    Set(easy, CURLOPT_USERAGENT, kUserAgent);
    Set(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(easy, CURLOPT_HEADERDATA, &transfer);
    Set(easy, CURLOPT_WRITEFUNCTION, &OnDownload);
    Set(easy, CURLOPT_WRITEDATA, &transfer);
    if (request.method == "HEAD") {
      Set(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      Set(easy, CURLOPT_UPLOAD, 1L);
      Set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      Set(easy, CURLOPT_READFUNCTION, &OnUpload);
      Set(easy, CURLOPT_READDATA, &transfer);
      Set(easy, CURLOPT_SEEKFUNCTION, &OnSeek);
      Set(easy, CURLOPT_SEEKDATA, &transfer);
    }
    Set(easy, CURLOPT_CUSTOMREQUEST, request.method == "HEAD" ? nullptr : request.method.c_str());

    CurlList headers;
    // Servers that never say "100 Continue" would cost a second's wait each time.
    Append(headers, "Expect:");
    for (const HttpHeader& header : request.headers) {
      // libcurl takes a header without a value for one to be removed, unless it ends in ';'.
      Append(headers, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    Set(easy, CURLOPT_HTTPHEADER, headers.get());
    return headers;
  }

  // As curl_easy_perform does it, but a stop ends it at once rather than within a second.
  CURLcode Run(const std::stop_token& stop) {
    CURLM* const multi = multi_.get();
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) throw std::bad_alloc();
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    for (int running = 1; running > 0;) {
      if (stop.stop_requested() || curl_multi_perform(multi, &running) != CURLM_OK) break;
      if (running > 0) AcknowledgeAtOnce();
      if (running > 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK) break;
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    curl_multi_remove_handle(multi, easy_.get());
    return result;
  }

  // A server that sends the head and the body of its answer apart, and waits for the first to be acknowledged before it
  // sends the second (Nagle; Ceph's default), would cost the 40 ms that Linux delays acknowledgements, in each request.
  // The kernel forgets this setting by itself, so it is made again for every piece.
  void AcknowledgeAtOnce() const {
    const int on = 1;
    for (const curl_socket_t socket : sockets_) setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }

  // libcurl tells no socket before its transfer has ended, so they are written down as they come and go.
  static int OnOpened(void* user, curl_socket_t socket, curlsocktype /*purpose*/) {
    static_cast<Handle*>(user)->sockets_.push_back(socket);
    return CURL_SOCKOPT_OK;
  }
  static int OnClosed(void* user, curl_socket_t socket) {
    std::erase(static_cast<Handle*>(user)->sockets_, socket);
    return close(socket);
  }

  const HttpOptions& options_;
  char error_[CURL_ERROR_SIZE] = {};
  std::vector<curl_socket_t> sockets_;
  CurlMulti multi_;  // goes after easy_, and closes the sockets
  CurlEasy easy_;
};

HttpConnection::HttpConnection(const HttpOptions& options) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) throw Error(ErrorKind::kPermanent, "libcurl cannot be initialized");
  handle_ = std::make_unique<Handle>(options);
}

HttpConnection::~HttpConnection() = default;

HttpResponse HttpConnection::Send(const HttpRequest& request, const std::stop_token& stop) {
  return handle_->Send(request, stop);
}

}  // namespace cofre::io
