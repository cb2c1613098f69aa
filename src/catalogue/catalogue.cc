#include "catalogue/catalogue.h"

#include <soci/soci.h>

#include "base/error.h"
#include "base/log.h"
#include "catalogue/backend.h"
#include "catalogue/migrations.h"
#include "catalogue/state.h"

namespace cofre::catalogue {
namespace {

std::unique_ptr<soci::session> OpenSession(const std::string& url, bool may_create) {
  auto session = Connect(url, may_create);
  try {
    Migrate(*session, AllMigrations(), may_create, url);
  } catch (const soci::soci_error& error) {
    throw Translate(error, url);
  }
  return session;
}

Error GivenUp(const std::string& name) {
  return {ErrorKind::kPermanent, "the catalogue " + name + ": an earlier part of this change failed",
          "nothing of it was stored"};
}

}  // namespace

Catalogue::State::State(std::string url, std::unique_ptr<soci::session> opened)
    : name(std::move(url)), connection(std::move(opened)) {}
Catalogue::State::~State() = default;

void Catalogue::State::Run(const std::function<void(soci::session&)>& use) {
  const std::lock_guard lock(mutex);
  try {
    use(*connection);
  } catch (const soci::soci_error& error) {
    throw Translate(error, name);
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

Transaction::Transaction(Catalogue& catalogue) : catalogue_(catalogue) {
  Catalogue::State& state = *catalogue_.state_;
  std::unique_lock lock(state.mutex);
  if (state.depth == 0) {
    state.given_up = false;
    state.Run(BeginWrite);
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
  if (state.depth > 0) return;
  try {
    state.connection->rollback();
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
