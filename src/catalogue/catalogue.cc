#include "catalogue/catalogue.h"

#include <soci/soci.h>

#include "base/error.h"
#include "base/log.h"
#include "catalogue/backend.h"
#include "catalogue/migrations.h"
#include "catalogue/postgresql_backend.h"
#include "catalogue/state.h"

namespace cofre::catalogue {

bool IsShared(std::string_view url) { return postgresql::IsUrl(url); }

std::string ShownUrl(const std::string& url) { return IsShared(url) ? postgresql::WithoutPassword(url) : url; }

namespace {

std::unique_ptr<soci::session> OpenSession(const std::string& url, bool may_create) {
  auto session = Connect(url, may_create);
  try {
    Migrate(*session, AllMigrations(), may_create, ShownUrl(url));
  } catch (const soci::soci_error& error) {
    throw Translate(error, ShownUrl(url));
  }
  return session;
}

Error ConnectionLost(const std::string& name) {
  return {ErrorKind::kTransient, "the catalogue " + name + ": the connection was lost",
          "nothing of this change was stored, unless its very last word was lost: try again"};
}

Error GivenUp(const std::string& name) {
  return {ErrorKind::kPermanent, "the catalogue " + name + ": an earlier part of this change failed",
          "nothing of it was stored"};
}

}  // namespace

Catalogue::State::State(std::string url, std::unique_ptr<soci::session> opened)
    : name(ShownUrl(url)), url_(std::move(url)), connection_(std::move(opened)) {}
Catalogue::State::~State() = default;

void Catalogue::State::Run(const std::function<void(soci::session&)>& use) {
  const std::lock_guard lock(mutex);
  if (!TryRun(use) && !TryRun(use)) throw ConnectionLost(name);
}

bool Catalogue::State::TryRun(const std::function<void(soci::session&)>& use) {
  if (connection_ == nullptr) {
    if (depth > 0) throw ConnectionLost(name);
    connection_ = Connect(url_, false);
  }
  try {
    use(*connection_);
    return true;
  } catch (const soci::soci_error& error) {
    if (!IsConnectionLost(error)) throw Translate(error, name);
    connection_.reset();
    if (depth > 0) throw Translate(error, name);
    return false;
  }
}

Catalogue::Catalogue(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalogue::~Catalogue() = default;

std::unique_ptr<Catalogue> Catalogue::Open(const std::string& url) {
  return std::unique_ptr<Catalogue>(new Catalogue(std::make_unique<State>(url, OpenSession(url, false))));
}

std::unique_ptr<Catalogue> Catalogue::OpenOrCreate(const std::string& url) {
  return std::unique_ptr<Catalogue>(new Catalogue(std::make_unique<State>(url, OpenSession(url, true))));
}

int Catalogue::SchemaVersion() {
  return state_->With([](soci::session& session) { return ReadSchemaVersion(session); });
}

std::optional<TimePoint> Catalogue::SharedTime() {
  const int64_t time = state_->With([](soci::session& session) { return ServerTime(session); });
  return time == 0 ? std::nullopt : std::optional(TimePoint(Duration(time)));
}

Transaction::Transaction(Catalogue& catalogue, Access access) : catalogue_(catalogue) {
  Catalogue::State& state = *catalogue_.state_;
  std::unique_lock lock(state.mutex);
  if (state.depth == 0) {
    state.given_up = false;
    state.Run(access == Access::kWrite ? BeginWrite : BeginRead);
  } else if (state.given_up) {
    // The engine may have ended the outer one: what is written now would stay, alone.
    throw GivenUp(state.name);
  }
  ++state.depth;
  lock.release();  // held until the destructor
}

Transaction::~Transaction() {
  Catalogue::State& state = *catalogue_.state_;
  const std::unique_lock lock(state.mutex, std::adopt_lock);
  --state.depth;
  if (committed_) return;
  state.given_up = true;
  if (state.depth > 0 || state.connection_ == nullptr) return;
  try {
    state.connection_->rollback();
  } catch (const std::exception& error) {
    // The engine has rolled back by itself, as after a full disk.
    Log(LogLevel::kDebug, "catalogue.rollback", {{"message", error.what()}});
  }
}

void Transaction::Commit() {
  Catalogue::State& state = *catalogue_.state_;
  if (state.given_up) throw GivenUp(state.name);
  if (state.depth == 1) state.Run([](soci::session& session) { session.commit(); });
  committed_ = true;
}

int64_t Count(soci::session& session, const char* sql, const std::string& key) {
  Statement statement(session, sql);
  statement.Bind("key", key).NumberColumn();
  statement.Fetch();
  return statement.Number();
}

}  // namespace cofre::catalogue
