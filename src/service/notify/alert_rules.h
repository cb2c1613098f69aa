#pragma once

// What is worth telling, given what has been told. Pure.

#include <optional>

#include "model/alert.h"
#include "service/event.h"

namespace cofre::service {

struct Verdict {
  bool tell = false;
  bool ended = false;         // what is told is its end
  bool forget = false;        // the known alert goes
  std::optional<Alert> keep;  // this takes its place
};

// `known` is what stands under the event's topic and subject. Something that lasts is told when it begins, when it gets
// worse, and when it ends; something that doesn't, once. Where the event's server is known to be down, its failed and
// late backups are held back: they are told once the server is back and they still stand.
Verdict Judge(const Event& event, const std::optional<Alert>& known, bool server_is_down, TimePoint now);

}  // namespace cofre::service
