#pragma once

// Where messages go: a mail server, a webhook.

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "service/config_notify.h"
#include "service/notify/told.h"

namespace cofre::service {

// Used by one thread at a time.
class Receiver {
 public:
  virtual ~Receiver() = default;

  // "correo", "webhook chat": under this name messages wait in the catalogue.
  virtual const std::string& name() const = 0;
  virtual bool Wants(Topic topic) const = 0;

  // Returns once the other side has taken all of it, as one message. Throws what sending throws, without secrets: also
  // the URL of a webhook is one, of which only scheme and host are named.
  virtual void Send(std::span<const Told> told, const std::stop_token& stop) = 0;
};

// Of all that the configuration names. `clock` outlives them.
std::vector<std::unique_ptr<Receiver>> MakeReceivers(const NotifyConfig& config, Clock& clock);

// Asks the heartbeat's URL. Throws as Receiver::Send.
void SendHeartbeat(const HeartbeatConfig& heartbeat, std::chrono::seconds answer, const std::stop_token& stop);

}  // namespace cofre::service
