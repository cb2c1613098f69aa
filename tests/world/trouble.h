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

  // Of several nodes.
  void Freeze();
  void ArmLoss();
  void HideCatalogue();
  void DisturbRenewals();
  void Drain();

  void AsOperator(const std::function<void(catalogue::Catalogue&)>& change);
  bool several() const { return world_.machines_.size() > 1; }
  const Company& AnyCompany();
  Machine& AnyMachine();
  // The machine that plans, if one does.
  Machine& Planner();
  // Shorter than all leases, longer than all of them, or longer than locks of the store too.
  Duration DrawAbsence();
  uint64_t Dice(uint64_t sides) { return world_.random_.Below(sides); }

  World& world_;
  bool ended_ = false;
  bool waits_ = false;
};

}  // namespace cofre::world
