#pragma once

// What systemd wants to hear from a service (sd_notify(3)), without its library.

#include <chrono>
#include <optional>
#include <string_view>

namespace cofre::service {

// Sends "READY=1", "STOPPING=1", "WATCHDOG=1", "RELOADING=1..." to the socket that NOTIFY_SOCKET names, if it does.
// False where it could not be sent; nothing depends on it.
bool NotifySystemd(std::string_view state);

// How often it wants a WATCHDOG=1 at least, if it does (WATCHDOG_USEC, for this process by WATCHDOG_PID).
std::optional<std::chrono::microseconds> WatchdogInterval();

}  // namespace cofre::service
