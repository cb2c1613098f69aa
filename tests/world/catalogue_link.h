#pragma once

// The network between a process and the catalogue. While it is down each call of a catalogue that was opened through it
// fails as one that is not reached (kind transient), at once and without effect.

#include <atomic>
#include <functional>

#include "tests/world/timeline.h"

namespace cofre::world {

// Must outlive what was opened through it. Breaking and asking are safe from any thread.
class CatalogueLink {
 public:
  explicit CatalogueLink(const VirtualClock& clock) : clock_(clock) {}
  CatalogueLink(const CatalogueLink&) = delete;
  CatalogueLink& operator=(const CatalogueLink&) = delete;

  // What `open` opens on this thread is reached through this link.
  void OpenThrough(const std::function<void()>& open) const;

  void BreakUntil(Duration monotonic) { down_until_ = monotonic.count(); }
  void CutForGood() { cut_ = true; }
  bool down() const { return cut_ || clock_.Monotonic() < down_until(); }
  Duration down_until() const { return Duration(down_until_.load()); }

 private:
  const VirtualClock& clock_;
  std::atomic<int64_t> down_until_{0};
  std::atomic<bool> cut_{false};
};

}  // namespace cofre::world
