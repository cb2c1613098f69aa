#pragma once

// How much of the processors a thread has had: what work costs, as against how long it takes on a busy machine.

#include "base/clock.h"

namespace cofre {

// The calling thread's so far; only differences mean something. Any thread. Defined in clock.cc, the one place that
// asks the system.
Duration ThreadProcessorTime();

}  // namespace cofre
