#pragma once

// The HTTP API, as `cofre serve` runs it: routes, sign-in, problems, security headers (docs/api.md), and the page that
// uses it (docs/web.md).

#include <cstdint>
#include <memory>

#include "api/http_server.h"
#include "api/message.h"
#include "api/router.h"
#include "api/services.h"
#include "api/static_files.h"
#include "service/config.h"

namespace cofre::api {

// All that answers a request, without sockets. Thread-safe.
class Api {
 public:
  // `services` and `page` outlive it. With a page, what is no route of the API is looked for there.
  explicit Api(Services& services, const StaticFiles* page = nullptr);

  const Router& router() const { return router_; }
  // Throws nothing: what goes wrong is a problem.
  Response Answer(const Request& request) const;

 private:
  Response Route(const Request& request) const;

  Services& services_;
  const StaticFiles* page_;
  Router router_;
};

// The API and its server as one thing: there where [api] escucha says so, else it does nothing.
class ApiService {
 public:
  // `current` and the references outlive it. Throws what HttpServer and Catalogue::Open throw.
  ApiService(CurrentWiring current, Clock& clock, Random& random);
  ~ApiService();
  ApiService(const ApiService&) = delete;
  ApiService& operator=(const ApiService&) = delete;

  // A changed configuration: listens elsewhere where it says so. Throws as the constructor does, and then serves
  // nothing.
  void Reconfigure();
  // A job of this process has ended: those who listen hear of it at once. From any thread.
  void JobEnded(const Job& job);
  // 0 where it serves nothing.
  uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre::api
