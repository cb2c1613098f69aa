#pragma once

// What goes wrong, when: drawn from the world's seed, one thing after another, with days of peace in between.

#include "tests/world/world.h"

namespace cofre::world {

class Trouble {
 public:
  explicit Trouble(World& world) : world_(world) { Await(); }
  void End() { ended_ = true; }
  // To be told when a job has begun: most of what goes wrong waits for that.
  void Busy();

 private:
  void Await();
  void Strike();

  void BreakStore();
  void BreakServer();
  void ArmKill();
  void Kill();
  void Stop();
  void SetClock();
  void PauseSomething();
  void DisableCompany();
  void FillSpace();
  // Undoes it after a while.
  void ChangeFor(const std::string& id, Duration span, std::function<void(Company&)> change,
                 std::function<void(Company&)> undo);
  void AskForBackups();

  // The world is not expected to be well until then.
  void Disturb(Duration span);
  // Does it once there is a process, which may be later.
  void AsOperator(std::function<void(catalogue::Catalogue&)> change);
  const Company& AnyCompany();
  uint64_t Dice(uint64_t sides) { return world_.random_.Below(sides); }

  World& world_;
  bool ended_ = false;
  bool waits_ = false;
};

}  // namespace cofre::world
