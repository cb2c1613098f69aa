#pragma once

// The service: looks at the fleet when it is time, claims what waits, and has it done.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "catalogue/change_listener.h"
#include "service/fleet_nodes.h"
#include "service/scheduler.h"
#include "service/wiring.h"
#include "service/workers.h"

namespace cofre::service {

struct DaemonHooks {
  Observer observer;
  std::function<void()> looked = [] {};  // from the daemon's thread, every few seconds: it lives
  // Makes what a changed configuration stands for, or throws. Null: there is no reloading.
  std::function<std::shared_ptr<Wiring>()> reload;
  // After that: it counts from now on.
  std::function<void(const Config&)> reloaded = [](const Config&) {};
  int reload_descriptor = -1;  // readable when a reload is asked for; its bytes are read away
};

class Daemon {
 public:
  Daemon(std::shared_ptr<Wiring> wiring, DaemonHooks hooks);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until `stop` is requested; then claims nothing more, lets what runs end for as long as the configuration says, and
  // cancels the rest, which the next service finds due again. Errors of the catalogue are logged and tried again, but
  // for one at the very start. Tells systemd.
  void Serve(const std::stop_token& stop);

  // Until nothing is due and everything claimed has ended. Throws transient where a service has the lease. Returns how
  // many jobs were done.
  size_t RunUntilIdle(const std::stop_token& stop);

 private:
  Clock& clock() const { return wiring_->clock(); }
  catalogue::Catalogue& catalogue() const { return wiring_->catalogue(); }

  // One turn each, without waiting.
  void Step();
  bool TakeLease();
  void RequireLease();
  // Says that this node lives, and reads what the operator wants of it.
  void SayAlive();
  void Listen();
  void LookIfDue();
  void ClaimWhileFree();
  void RenewIfDue();
  void Reload();
  void DoErrandIfDue();
  // In a thread of its own, and nothing waits for it; one at a time.
  void DoErrand(const char* failure, std::function<void(Wiring&, const std::stop_token&)> errand);

  // Lets what runs end for as long as the configuration says, cancels the rest, gives the lease back.
  void End();
  // Until something calls for a turn; forgets the call. `wake` may be -1.
  void Wait(int wake);
  std::chrono::milliseconds LongestWait();
  void Ring() const;

  std::shared_ptr<Wiring> wiring_;
  DaemonHooks hooks_;
  FileDescriptor bell_;  // an eventfd: a job has ended, or a stop was requested
  std::atomic<bool> job_ended_{false};
  bool called_ = true;  // a look is asked for whatever the time
  std::string node_;
  TimePoint started_{};
  bool draining_ = false;
  std::unique_ptr<catalogue::ChangeListener> listener_;  // null: a catalogue of this machine alone, or one to be opened
  bool planning_ = false;
  bool stands_by_ = false;
  FleetMirror mirror_;
  std::optional<TimePoint> next_look_;
  TimePoint last_look_{};
  Duration last_renewal_{};
  size_t done_ = 0;
  std::atomic<bool> on_errand_{false};
  std::jthread errand_;  // asks servers or the store, which may take minutes
  Workers workers_;      // last: its threads use the others
};

}  // namespace cofre::service
