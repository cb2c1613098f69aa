#include "tests/world/planners.h"

#include <fmt/format.h>

namespace cofre::world {

using namespace std::chrono_literals;

void Planners::Granted(const std::string& process, TimePoint until) {
  if (process != holder_) {
    if (!holder().empty()) fail_(fmt::format("{} gets the right to plan, which {} has", process, holder_));
    takeovers_ += holder_.empty() ? 0 : 1;
    holder_ = process;
  }
  until_ = until;
}

void Planners::Released(const std::string& process) {
  if (process == holder_) until_ = clock_.Now();
}

void Planners::Looked(const std::string& process) {
  if (holder() != process) fail_(fmt::format("{} plans, and {} has the right to", process, holder_));
}

void Planners::Watch(bool planned, bool possible) {
  constexpr auto kTakeOver = 15s;
  const Duration now = clock_.Monotonic();
  if (planned || !possible) planned_at_ = now;
  if (now - planned_at_ <= kTakeOver) return;
  fail_(fmt::format("nobody has planned for {:.0f} s", std::chrono::duration<double>(now - planned_at_).count()));
  planned_at_ = now;
}

}  // namespace cofre::world
