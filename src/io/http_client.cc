#include "io/http_client.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/stop.h"
#include "io/http_connection.h"

namespace cofre::io {

const std::string* HttpResponse::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name.size() == name.size() && strncasecmp(header.name.data(), name.data(), name.size()) == 0) {
      return &header.value;
    }
  }
  return nullptr;
}

// Hands out connections, the one used last first: it is the likeliest to be open still.
class HttpClient::Pool {
 public:
  explicit Pool(const HttpOptions& options) : options_(options), unused_(std::max(options.max_connections, 1)) {}

  std::unique_ptr<HttpConnection> Take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, stop, [this] { return !idle_.empty() || unused_ > 0; });
    ThrowIfStopped(stop);
    if (idle_.empty()) {
      auto made = std::make_unique<HttpConnection>(options_);
      --unused_;
      return made;
    }
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void Return(std::unique_ptr<HttpConnection> connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
    freed_.notify_one();
  }

  // After a failed request: the next one begins anew.
  void Discard(std::unique_ptr<HttpConnection> connection) {
    connection.reset();
    const std::lock_guard lock(mutex_);
    ++unused_;
    freed_.notify_one();
  }

 private:
  const HttpOptions options_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  int unused_;  // connections that may be made yet
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

HttpClient::HttpClient(const HttpOptions& options) : pool_(std::make_unique<Pool>(options)) {}
HttpClient::~HttpClient() = default;

HttpResponse HttpClient::Send(const HttpRequest& request, const std::stop_token& stop) {
  std::unique_ptr<HttpConnection> connection = pool_->Take(stop);
  try {
    HttpResponse response = connection->Send(request, stop);
    pool_->Return(std::move(connection));
    return response;
  } catch (...) {
    pool_->Discard(std::move(connection));
    throw;
  }
}

std::optional<TimePoint> ParseHttpDate(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds));
}

std::optional<std::chrono::milliseconds> ParseRetryAfter(const std::string& text, TimePoint now) {
  constexpr std::chrono::hours kLongest(24);
  int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem == std::errc() && end == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    return std::min<std::chrono::milliseconds>(std::chrono::seconds(std::min<int64_t>(seconds, 86400)), kLongest);
  }
  const auto date = ParseHttpDate(text);
  if (!date) return std::nullopt;
  const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(*date - now);
  return std::clamp<std::chrono::milliseconds>(pause, std::chrono::milliseconds(0), kLongest);
}

}  // namespace cofre::io
