#pragma once

// Tells the operator, by e-mail and webhooks as [correo] and [[webhook]] say, and tells a dead-man's-switch service
// that the daemon lives ([latido]). docs/alerts.md explains what is said when.
//
// What is to be said is kept in the catalogue until a receiver has taken it, and so is what has been said: a restart
// neither repeats nor forgets. Each receiver has a thread of its own, which gathers what comes within
// `agrupar_segundos` into one message and tries again with growing pauses; a receiver that does not answer holds up
// neither another one nor whoever notifies. At most 1,000 messages wait for a receiver, for three days at most: then
// the oldest are given up, which is logged.

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/config_notify.h"
#include "service/event.h"

namespace cofre::catalogue {
class Catalogue;
}

namespace cofre::service {

// Thread-safe.
class Notifier {
 public:
  // Starts the threads. Both references outlive it. Secrets are read when something is sent, not here, so that a
  // password file may change or be wrong without a restart.
  Notifier(NotifyConfig config, catalogue::Catalogue& catalogue, Clock& clock);
  // Ends the threads at once, in the middle of a message if need be; what was not sent waits in the catalogue.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Waits for the catalogue, never for a receiver. Throws nothing: what cannot be kept is logged, for a message that is
  // lost must not fail a backup.
  void Notify(const Event& event);

  // The daemon lives: called at every tick. The heartbeat's URL is asked every `cada_segundos`, as long as this has
  // been called since the last time.
  void Beat();

  // Sends all that waits, without gathering, and returns when it is sent, was tried once, or `limit` is over. For a
  // process that is about to end (cofre tick).
  void Flush(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sends a message to every receiver and the heartbeat, one after the other, and says how that went.
struct NotifyTrial {
  std::string receiver;  // "correo", "webhook NAME", "latido"
  std::string error;     // empty: it was taken
  std::string hint;
};
std::vector<NotifyTrial> TryReceivers(const NotifyConfig& config, Clock& clock, const std::stop_token& stop);

}  // namespace cofre::service
