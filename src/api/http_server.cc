#include "api/http_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <thread>

#include "api/problem.h"
#include "api/wire_internal.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

namespace cofre::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an accept that failed: no descriptors are left
constexpr rlim_t kDescriptors = 8192;
constexpr size_t kReadBytes = 16 << 10;
constexpr auto kDrainTime = std::chrono::seconds(2);
constexpr size_t kDrainBytes = 8 << 20;

// What all connections of a server share; it outlives them, since they live in the handlers that `io` and `pool` keep.
// The thread of `io` uses all of it, those of the pool call `answer`.
struct Shared {
  ServerOptions options;
  Answer answer;
  size_t connections = 0;
  std::map<std::string, size_t> by_address;  // connections
  size_t asked = 0;                          // requests that the pool has
  asio::io_context io{1};
  asio::thread_pool pool;

  Shared(const ServerOptions& given, Answer answers)
      : options(given), answer(std::move(answers)), pool(std::max<size_t>(given.threads, 1)) {}
};

std::optional<Method> MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return Method::kGet;
    case http::verb::post:
      return Method::kPost;
    case http::verb::put:
      return Method::kPut;
    case http::verb::patch:
      return Method::kPatch;
    case http::verb::delete_:
      return Method::kDelete;
    default:
      return std::nullopt;
  }
}

std::string ToText(beast::string_view text) { return {text.data(), text.size()}; }

// Whom the request comes from: the peer, or the last address that a proxy of ours has added.
std::string AddressOf(const std::string& peer, const Request& request, const ServerOptions& options) {
  if (std::ranges::find(options.proxies, peer) == options.proxies.end()) return peer;
  const std::string& forwarded = request.Header("x-forwarded-for");
  const size_t comma = forwarded.rfind(',');
  const std::string last(
      Trimmed(comma == std::string::npos ? forwarded : std::string_view(forwarded).substr(comma + 1)));
  error_code error;
  const auto address = asio::ip::make_address(last, error);
  return error ? peer : address.to_string();
}

using Parser = http::request_parser<http::string_body>;

std::string HeadOf(const http::response<http::string_body>& response) {
  std::ostringstream head;
  head << response.base();
  return std::move(head).str();
}

// Of one connection, from the first byte to the last.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, std::string peer, std::unique_ptr<Wire> wire)
      : shared_(shared), wire_(std::move(wire)), timer_(shared_.io), peer_(std::move(peer)) {
    ++shared_.connections;
    ++shared_.by_address[peer_];
  }
  ~Connection() {
    --shared_.connections;
    if (--shared_.by_address[peer_] == 0) shared_.by_address.erase(peer_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start() {
    wire_->ExpireAfter(shared_.options.request_time);
    wire_->Greet([self = shared_from_this()](error_code error, size_t) {
      if (!error) self->Read();
    });
  }

 private:
  void Read() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(shared_.options.header_bytes));
    parser_->body_limit(shared_.options.body_bytes);
    parser_->eager(true);
    wire_->ExpireAfter(shared_.options.request_time);
    Parse();
  }

  // What has come, and reads on where that is no whole request.
  void Parse() {
    error_code error;
    while (buffer_.size() > 0 && !parser_->is_done() && !error) buffer_.consume(parser_->put(buffer_.data(), error));
    if (parser_->is_done()) return HasRead({});
    if (error && error != http::error::need_more) return HasRead(error);
    const size_t room = buffer_.max_size() - buffer_.size();
    if (room == 0) return HasRead(make_error_code(http::error::buffer_overflow));
    wire_->ReadSome(buffer_.prepare(std::min(room, kReadBytes)),
                    [self = shared_from_this()](error_code failed, size_t bytes) {
                      if (failed) return self->HasRead(self->EndOf(failed));
                      self->buffer_.commit(bytes);
                      self->Parse();
                    });
  }

  // What it means that no more can be read.
  error_code EndOf(error_code error) {
    if (error != asio::error::eof) return error;
    if (!parser_->got_some()) return make_error_code(http::error::end_of_stream);
    error_code partial;
    parser_->put_eof(partial);
    return partial ? partial : make_error_code(http::error::partial_message);
  }

  void HasRead(error_code error) {
    if (error == http::error::end_of_stream) return Close();
    if (error == http::error::body_limit) return Refuse("too_large", "the body is too large");
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return Refuse("headers_too_large", "the request's line and headers are too large");
    }
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
      // A client that went away in the middle is no bad request.
      if (error == http::error::partial_message) return;
      return Refuse("invalid", "the request is not HTTP/1.1");
    }
    if (error) return;
    const auto& message = parser_->get();
    head_only_ = message.method() == http::verb::head;
    version_ = message.version();
    keep_alive_ = message.keep_alive();
    const auto method = MethodOf(message.method());
    const auto target = ParseTarget({message.target().data(), message.target().size()});
    if (!method) return Refuse("wrong_method", "the method is unknown here");
    if (!target) return Refuse("invalid", "the address of the request is not one");
    Ask(Take(*method, *target));
  }

  std::shared_ptr<Request> Take(Method method, const Target& target) {
    auto request = std::make_shared<Request>();
    request->method = method;
    request->head = head_only_;
    request->path = target.path;
    request->query = target.query;
    auto& message = parser_->get();
    for (const auto& field : message) {
      std::string& value = request->headers[AsciiLower(ToText(field.name_string()))];
      const bool joins = field.name() == http::field::cookie && !value.empty();
      value = joins ? value + "; " + ToText(field.value()) : ToText(field.value());
    }
    request->body = std::move(message.body());
    request->address = AddressOf(peer_, *request, shared_.options);
    request->secure = wire_->IsSecret();
    return request;
  }

  void Ask(std::shared_ptr<Request> request) {
    if (shared_.asked >= shared_.options.threads + shared_.options.waiting) {
      Refusal refusal("unavailable", "too many requests are waiting");
      refusal.WithRetryAfter(std::chrono::seconds(1));
      return Send(ProblemOf(refusal));
    }
    ++shared_.asked;
    wire_->ExpireNever();
    asio::post(shared_.pool, [self = shared_from_this(), request = std::move(request)]() mutable {
      auto response = std::make_shared<Response>(self->shared_.answer(*request));
      asio::io_context& io = self->shared_.io;
      // Moved: a connection must not end on this thread.
      asio::post(io, [self = std::move(self), response = std::move(response)] {
        --self->shared_.asked;
        self->Send(std::move(*response));
      });
    });
  }

  void Refuse(std::string_view code, const std::string& message) {
    keep_alive_ = false;
    Send(ProblemOf(Refusal(code, message)));
  }

  void Send(Response&& response) {
    answer_ = http::response<http::string_body>(static_cast<http::status>(response.status), version_);
    for (const auto& [name, value] : response.headers) answer_.insert(name, value);
    answer_.set(http::field::server, "cofre");
    if (!response.type.empty()) answer_.set(http::field::content_type, response.type);
    if (!head_only_) stream_ = std::move(response.stream);
    if (stream_ != nullptr) return SendStream();
    if (!head_only_ && response.file != nullptr) return SendFile(std::move(response.file));
    answer_.keep_alive(keep_alive_);
    const bool has_length = response.status != 204 && response.status != 304;
    if (has_length) answer_.content_length(response.length.value_or(response.body.size()));
    if (!head_only_ && has_length) answer_.body() = std::move(response.body);
    wire_->ExpireAfter(shared_.options.answer_time);
    WriteAnswer([self = shared_from_this()](error_code error, size_t) {
      if (error) return;
      if (self->keep_alive_) return self->Read();
      self->Close();
    });
  }

  void WriteAnswer(Wire::Done done) {
    output_ = HeadOf(answer_) + answer_.body();
    wire_->Write(asio::buffer(output_), std::move(done));
  }

  void WriteHead(Wire::Done done) {
    output_ = HeadOf(answer_);
    wire_->Write(asio::buffer(output_), std::move(done));
  }

  void Listen() {
    stream_->OnReady([weak = std::weak_ptr(shared_from_this()), &io = shared_.io] {
      asio::post(io, [weak] {
        if (const auto alive = weak.lock()) alive->Pump();
      });
    });
  }

  // Until the connection closes: it has no length, and no chunks either.
  void SendStream() {
    answer_.keep_alive(false);
    const auto self = shared_from_this();
    Listen();
    writing_ = true;
    wire_->ExpireAfter(shared_.options.answer_time);
    WriteHead([self](error_code error, size_t) {
      self->writing_ = false;
      if (error) return;
      self->Watch();
      self->Pump();
    });
  }

  // Sends what there is, unless a piece is under way: its end looks again.
  void Pump() {
    if (writing_ || stream_ == nullptr) return;
    auto text = stream_->Take();
    if (file_ != nullptr) return PumpFile(std::move(text));
    if (!text) return Leave();
    if (text->empty()) return Rest();
    piece_ = std::move(*text);
    WritePiece();
  }

  // A client that goes away meanwhile is heard of, and the file is made no further.
  void SendFile(std::shared_ptr<FileStream> file) {
    answer_.keep_alive(false);
    file_ = file.get();
    stream_ = std::move(file);
    Listen();
    Watch();
    Pump();
  }

  void PumpFile(std::optional<std::string> piece) {
    if (piece && piece->empty()) return;
    if (!begun_) {
      begun_ = true;
      const FileStream::Head head = file_->Begin();
      if (head.instead != nullptr) return SendInstead(std::move(*head.instead));
      left_ = head.bytes;
      piece_ = std::move(piece).value_or("");
      answer_.content_length(left_);
      return WriteFileHead();
    }
    if (!piece) return left_ == 0 ? EndFile() : Cut();
    piece_ = std::move(*piece);
    WriteFilePiece();
  }

  void WriteFileHead() {
    writing_ = true;
    wire_->ExpireAfter(shared_.options.answer_time);
    WriteHead([self = shared_from_this()](error_code error, size_t) {
      self->writing_ = false;
      if (error) return self->Leave();
      self->WriteFilePiece();
    });
  }

  // Never more than was said: what is wrong must not look whole.
  void WriteFilePiece() {
    if (piece_.size() > left_) return Cut();
    left_ -= piece_.size();
    WritePiece();
  }

  void SendInstead(Response&& response) {
    answer_.result(static_cast<http::status>(response.status));
    answer_.erase(http::field::content_disposition);
    for (const auto& [name, value] : response.headers) answer_.set(name, value);
    answer_.set(http::field::content_type, response.type);
    answer_.body() = std::move(response.body);
    answer_.prepare_payload();
    stream_.reset();
    file_ = nullptr;
    wire_->ExpireAfter(shared_.options.answer_time);
    WriteAnswer([self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Leave();
      self->EndFile();
    });
  }

  // The client closes when it has read all; not one that waits for ever.
  void EndFile() {
    stream_.reset();
    file_ = nullptr;
    wire_->EndWriting();
    timer_.expires_after(kDrainTime);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->Leave();
    });
  }

  // Reset rather than closed.
  void Cut() {
    wire_->Reset();
    Leave();
  }

  void WritePiece() {
    writing_ = true;
    wire_->ExpireAfter(shared_.options.answer_time);
    wire_->Write(asio::buffer(piece_), [self = shared_from_this()](error_code error, size_t) {
      self->writing_ = false;
      if (error) return self->Leave();
      self->Pump();
    });
  }

  void Rest() {
    timer_.expires_after(shared_.options.heartbeat);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error || self->writing_ || self->stream_ == nullptr) return;
      self->piece_ = ":\n\n";
      self->WritePiece();
    });
  }

  // A client of a stream has nothing more to say: what comes is dropped, its end is ours.
  void Watch() {
    wire_->ExpireNever();
    wire_->ReadSome(asio::buffer(unheard_), [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Leave();
      self->Watch();
    });
  }

  void Leave() {
    stream_.reset();
    file_ = nullptr;
    timer_.cancel();
    wire_->Close();
  }

  // What the client still sends is read for a while: closed at once, it would never see the answer.
  void Close() {
    wire_->EndWriting();
    wire_->ExpireAfter(kDrainTime);
    Drain(kDrainBytes);
  }

  void Drain(size_t left) {
    wire_->ReadSomeRaw(asio::buffer(unheard_), [self = shared_from_this(), left](error_code error, size_t bytes) {
      if (!error && bytes < left) self->Drain(left - bytes);
    });
  }

  Shared& shared_;
  std::unique_ptr<Wire> wire_;
  asio::steady_timer timer_;
  std::string peer_;
  beast::flat_buffer buffer_{64 << 10};
  std::optional<Parser> parser_;
  http::response<http::string_body> answer_;
  std::string output_;  // the answer's head as it is sent, with the body where that is no stream
  std::shared_ptr<Stream> stream_;
  FileStream* file_ = nullptr;  // the stream, where it is one
  uint64_t left_ = 0;           // bytes of the file that the client has not been given
  bool begun_ = false;          // its head
  std::string piece_;
  std::array<char, 4096> unheard_{};
  unsigned version_ = 11;
  bool head_only_ = false;
  bool keep_alive_ = false;
  bool writing_ = false;
};

// So many connections as are asked for, unless half of the descriptors that this process may have is less.
size_t AllowedConnections(size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < kDescriptors && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min(kDescriptors, limit.rlim_max);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
  }
  return std::min<size_t>(wanted, std::max<rlim_t>(limit.rlim_cur / 2, 1));
}

}  // namespace

struct HttpServer::State {
  State(const ServerOptions& options, Answer answer)
      : make_wire(WiresWith(options.certificate, options.private_key)),
        shared(options, std::move(answer)),
        acceptor(shared.io),
        pause(shared.io) {
    shared.options.connections = AllowedConnections(options.connections);
    Listen(options.listen);
    Accept();
    thread = std::thread([this] { Run(); });
  }

  ~State() {
    shared.pool.stop();
    shared.pool.join();
    shared.io.stop();
    thread.join();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void Run() {
    while (!shared.io.stopped()) {
      try {
        shared.io.run();
      } catch (const std::exception& error) {
        Log(LogLevel::kError, "api_connection_failed", {{"error", error.what()}});
      }
    }
  }

  void Listen(const std::string& text) {
    const ListenAddress where = ParseListenAddress(text);
    const tcp::endpoint endpoint(asio::ip::make_address(where.host), where.port);
    try {
      acceptor.open(endpoint.protocol());
      acceptor.set_option(asio::socket_base::reuse_address(true));
      acceptor.bind(endpoint);
      acceptor.listen(asio::socket_base::max_listen_connections);
      port = acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw Error(ErrorKind::kPermanent, fmt::format("cannot serve the API on {}: {}", text, error.code().message()),
                  "another process has the port, or the address is not this machine's: change [api] escucha");
    }
  }

  void Accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        pause.expires_after(kAcceptPause);
        pause.async_wait([this](error_code stopped) {
          if (!stopped) Accept();
        });
        return;
      }
      Begin(std::move(socket));
      Accept();
    });
  }

  // Or not: a connection too many is closed.
  void Begin(tcp::socket&& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;
    const std::string peer = endpoint.address().to_string();
    const ServerOptions& options = shared.options;
    const auto found = shared.by_address.find(peer);
    const bool is_proxy = std::ranges::find(options.proxies, peer) != options.proxies.end();
    const bool has_too_many =
        found != shared.by_address.end() && found->second >= options.connections_per_address && !is_proxy;
    if (shared.connections >= options.connections || has_too_many) return;
    std::make_shared<Connection>(shared, peer, make_wire(std::move(socket)))->Start();
  }

  MakeWire make_wire;
  Shared shared;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  uint16_t port = 0;
  std::thread thread;
};

HttpServer::HttpServer(const ServerOptions& options, Answer answer)
    : state_(std::make_unique<State>(options, std::move(answer))) {}

HttpServer::~HttpServer() = default;

uint16_t HttpServer::port() const { return state_->port; }

ListenAddress ParseListenAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  ListenAddress where{.host = text.substr(0, colon == std::string::npos ? 0 : colon)};
  if (where.host.starts_with('[') && where.host.ends_with(']'))
    where.host = where.host.substr(1, where.host.size() - 2);
  const char* begin = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const char* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(begin, end, where.port);
  error_code error;
  (void)asio::ip::make_address(where.host, error);
  if (error || failed != std::errc() || stopped != end || begin == end) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " is not an address and a port",
                "write them as in \"127.0.0.1:9188\" or \"[::1]:9188\"");
  }
  return where;
}

}  // namespace cofre::api
