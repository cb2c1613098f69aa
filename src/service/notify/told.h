#pragma once

// What is told of an event, and in which words. Pure.

#include <cstddef>
#include <span>
#include <string>

#include "base/clock.h"
#include "planner/local_time.h"
#include "service/event.h"

namespace cofre::service {

struct Told {
  TimePoint time{};
  bool ended = false;  // it is over, rather than begun or worse
  Event event;
};

// "[Cofre] Backup failed: Ferretería Peña (900869750) 2026", or how many there are of what.
std::string SubjectLine(std::span<const Told> told);

// One paragraph each with its local time, at most `most` of them and how many more there are.
std::string PlainText(std::span<const Told> told, const planner::TimeZone& zone, size_t most);

}  // namespace cofre::service
