#pragma once

// One request after the other over libcurl, with its connections kept open in between: what HttpClient has a pool of.

#include <memory>
#include <stop_token>

#include "io/http_client.h"

namespace cofre::io {

// Used by one thread at a time. `options` must live as long.
class HttpConnection {
 public:
  explicit HttpConnection(const HttpOptions& options);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // As HttpClient::Send. After an error the connection is of no use any more: libcurl keeps more of a failed request
  // than it should (in 7.88 a handle whose host had no address refuses options ever after).
  HttpResponse Send(const HttpRequest& request, const std::stop_token& stop);

 private:
  class Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace cofre::io
