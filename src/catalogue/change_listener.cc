#include "catalogue/change_listener.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include "base/error.h"
#include "catalogue/backend.h"
#include "catalogue/catalogue.h"

namespace cofre::catalogue {

struct ChangeListener::State {
  std::string name;
  std::unique_ptr<soci::session> session;

  PGconn* connection() const { return static_cast<soci::postgresql_session_backend*>(session->get_backend())->conn_; }
};

ChangeListener::ChangeListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChangeListener::~ChangeListener() = default;

std::unique_ptr<ChangeListener> ChangeListener::Open(const std::string& url) {
  if (!IsShared(url)) return nullptr;
  auto state = std::make_unique<State>(State{ShownUrl(url), Connect(url, false)});
  try {
    *state->session << "LISTEN cofre";
  } catch (const soci::soci_error& error) {
    throw Translate(error, state->name);
  }
  return std::unique_ptr<ChangeListener>(new ChangeListener(std::move(state)));
}

int ChangeListener::descriptor() const { return PQsocket(state_->connection()); }

bool ChangeListener::TakeCalls() {
  PGconn* const connection = state_->connection();
  if (PQconsumeInput(connection) == 0) {
    throw Error(ErrorKind::kTransient, "the catalogue " + state_->name + ": the connection was lost");
  }
  bool called = false;
  while (PGnotify* call = PQnotifies(connection)) {
    called = true;
    PQfreemem(call);
  }
  return called;
}

}  // namespace cofre::catalogue
