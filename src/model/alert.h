#pragma once

// What an operator has been told and not been told the end of, and messages that wait to be sent. Values only.

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace cofre {

// Something that is not as it should be (service/event.h), or, where it does not last, was told once.
struct Alert {
  std::string topic;    // service/event.h's name
  std::string subject;  // what it is about; unique within the topic
  int level = 1;        // 1, or 2 where it is worse
  bool lasting = true;
  bool said = true;  // false: held back, since something else explains it
  TimePoint since{};
  std::string title;  // one line for people

  bool operator==(const Alert&) const = default;
};

// A message for one receiver.
struct Notice {
  int64_t id = 0;  // given by the catalogue; grows
  std::string receiver;
  TimePoint time{};
  std::string content;  // JSON

  bool operator==(const Notice&) const = default;
};

}  // namespace cofre
