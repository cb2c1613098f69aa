#include "service/server_check.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/stop.h"

namespace cofre::service {
namespace {

constexpr const char* kNoSuchDatabase = "cofre-connection-test";

// Requested when the time is up, or when whoever waits gives up.
class TimeLimit {
 public:
  TimeLimit(std::chrono::seconds limit, const std::stop_token& stop)
      : given_up_(stop, [this] { source_.request_stop(); }), timer_([this, limit](const std::stop_token& done) {
          SystemClock().SleepFor(limit, done);
          if (!done.stop_requested()) source_.request_stop();
        }) {}

  std::stop_token token() const { return source_.get_token(); }
  bool is_over() const { return source_.stop_requested(); }

 private:
  std::stop_source source_;
  std::stop_callback<std::function<void()>> given_up_;
  std::jthread timer_;
};

std::optional<Database> AnyDatabaseOf(catalogue::Catalogue& catalogue, const std::string& server) {
  for (const Company& company : catalogue.ListCompanies({.server = server})) {
    for (Database& database : catalogue.ListDatabases({.company = company.id})) {
      if (!database.path.empty()) return std::move(database);
    }
  }
  return std::nullopt;
}

ServerCheck Failure(const Error& error) {
  return {
      .kind = std::string(ErrorKindName(error.kind())), .message = error.what(), .hint = error.hint(), .version = {}};
}

ServerCheck Probe(Wiring& wiring, const Server& server, const std::optional<Database>& known, const TimeLimit& limit) {
  const Database database = known.value_or(Database{.company = "00000", .fiscal_year = 2000, .path = kNoSuchDatabase});
  try {
    const auto found = MakeSource(server, database, wiring.config(), wiring.clock())->Probe(limit.token());
    return {.ok = true,
            .kind = {},
            .message = fmt::format("signed in, and {} of company {} is there", database.path, database.company),
            .hint = {},
            .version = found.engine_version};
  } catch (const Error& error) {
    // It looks for the file only once it knows who asks.
    if (known || error.kind() != ErrorKind::kNotFound) return Failure(error);
    return {.ok = true,
            .kind = {},
            .message = "the server answers and takes the user; no database of it is registered yet to look at",
            .hint = {},
            .version = {}};
  }
}

}  // namespace

ServerCheck CheckServer(Wiring& wiring, const std::string& name, std::chrono::seconds limit,
                        const std::stop_token& stop) {
  const Server server = wiring.catalogue().GetServer(name);
  if (server.engine == Engine::kCommand) {
    return {.ok = true,
            .kind = {},
            .message = "its databases are the output of programs: there is no server to reach",
            .hint = "back one of them up to try it",
            .version = {}};
  }
  const auto known = AnyDatabaseOf(wiring.catalogue(), name);
  if (!known && server.host.empty() && (RestoresToFile(server.engine) || IsFolder(server.engine))) {
    return {.ok = true,
            .kind = {},
            .message = "its databases are files of this machine: there is no server to reach",
            .hint = "register one to try it",
            .version = {}};
  }
  const TimeLimit time(limit, stop);
  ServerCheck check = Probe(wiring, server, known, time);
  ThrowIfStopped(stop);
  if (!check.ok && time.is_over()) {
    check = {.kind = std::string(ErrorKindName(ErrorKind::kTransient)),
             .message =
                 fmt::format("{} does not answer within {} s", server.host.empty() ? name : server.host, limit.count()),
             .hint = "check that the server runs, and its host, port and network",
             .version = {}};
  }
  return check;
}

}  // namespace cofre::service
