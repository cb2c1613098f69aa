#include "tests/world/trouble.h"

#include <algorithm>
#include <utility>

namespace cofre::world {

using namespace std::chrono_literals;

void Trouble::Await() {
  const uint64_t dice = Dice(10);
  Duration gap = world_.RandomBetween(5min, 5h);
  if (dice >= 6) gap = world_.RandomBetween(5h, 20h);
  if (dice >= 8) gap = world_.RandomBetween(30h, 90h);
  // Seeds differ in how much peace they leave.
  constexpr int kHaste[] = {1, 3, 10};
  world_.After(gap / kHaste[world_.options_.seed % 3], [this] {
    if (ended_) return;
    if (Dice(4) == 0) return Strike();
    waits_ = true;
  });
}

void Trouble::Busy() {
  if (!waits_ || Dice(3) != 0) return;
  waits_ = false;
  world_.After(world_.RandomBetween(0s, 90s), [this] { Strike(); });
}

void Trouble::Strike() {
  using Doing = void (Trouble::*)();
  constexpr Doing kDoings[] = {
      &Trouble::BreakStore, &Trouble::BreakStore,     &Trouble::BreakServer,   &Trouble::BreakServer,
      &Trouble::ArmKill,    &Trouble::ArmKill,        &Trouble::ArmKill,       &Trouble::ArmKill,
      &Trouble::Kill,       &Trouble::Stop,           &Trouble::SetClock,      &Trouble::PauseSomething,
      &Trouble::FillSpace,  &Trouble::DisableCompany, &Trouble::AskForBackups, &Trouble::AskForBackups};
  constexpr Doing kDoingsToNodes[] = {&Trouble::Freeze,          &Trouble::Freeze,          &Trouble::ArmLoss,
                                      &Trouble::ArmLoss,         &Trouble::HideCatalogue,   &Trouble::HideCatalogue,
                                      &Trouble::DisturbRenewals, &Trouble::DisturbRenewals, &Trouble::Drain};
  if (ended_) return;
  if (several() && Dice(2) == 0) {
    (this->*kDoingsToNodes[Dice(std::size(kDoingsToNodes))])();
  } else {
    (this->*kDoings[Dice(std::size(kDoings))])();
  }
  Await();
}

void Trouble::BreakStore() {
  const uint64_t dice = Dice(10);
  const Duration span = dice < 6 ? world_.RandomBetween(1min, 1h) : world_.RandomBetween(1h, 12h);
  const uint64_t kind = Dice(6);
  const StoreState state = kind == 0 ? StoreState::kDown : kind == 1 ? StoreState::kSlow : StoreState::kFlaky;
  world_.weather_.SetStore(state, world_.clock_.Monotonic() + span, 0.01 * static_cast<double>(2 + Dice(30)));
  ++world_.counts_.store_troubles;
  world_.Disturb(span);
}

void Trouble::BreakServer() {
  const auto server = static_cast<uint32_t>(Dice(world_.fleet_.servers().size()));
  const Duration span = Dice(2) == 0 ? world_.RandomBetween(2min, 2h) : world_.RandomBetween(2h, 30h);
  const uint64_t kind = Dice(4);
  const ServerState state = kind <= 1 ? ServerState::kDown : kind == 2 ? ServerState::kStalls : ServerState::kSlow;
  world_.weather_.SetServer(server, state, world_.clock_.Monotonic() + span);
  ++world_.counts_.server_troubles;
  world_.Disturb(span);
}

void Trouble::ArmKill() {
  world_.downtime_ = Dice(4) == 0 ? world_.RandomBetween(1h, 9h) : world_.RandomBetween(2s, 5min);
  world_.rebooted_ = Dice(4) == 0;
  constexpr std::pair<Target, uint64_t> kTargets[] = {{Target::kAny, 200},
                                                      {Target::kWrite, 60},
                                                      {Target::kIndex, 8},
                                                      {Target::kPackDeletion, 2},
                                                      {Target::kSnapshot, 10}};
  const auto [target, most] = kTargets[Dice(std::size(kTargets))];
  world_.weather_.KillAt(target, 1 + Dice(most), static_cast<Moment>(Dice(3)));
}

void Trouble::Kill() {
  Machine& machine = AnyMachine();
  world_.downtime_ = world_.RandomBetween(2s, 10h);
  world_.rebooted_ = Dice(4) == 0;
  if (machine.process != nullptr) world_.KillProcess(machine);
}

void Trouble::Stop() {
  Machine& machine = AnyMachine();
  if (machine.process == nullptr || machine.process->frozen()) return;
  machine.process->StopGracefully();
  ++world_.counts_.stops;
  world_.downtime_ = world_.RandomBetween(2s, 1h);
  world_.rebooted_ = false;
  world_.KillProcess(machine);
}

// The clock of several nodes is the catalogue server's, and jumps for nobody.
void Trouble::SetClock() {
  if (several()) return;
  constexpr Duration kJumps[] = {-1h, -1h, 1h, 24h, -2min};
  world_.clock_.Jump(kJumps[Dice(std::size(kJumps))]);
  ++world_.counts_.clock_jumps;
  world_.caps_.ClockJumped();
  world_.LookSoon(0s);
  world_.Disturb(1h);
}

Duration Trouble::DrawAbsence() {
  const uint64_t dice = Dice(4);
  if (dice == 0) return world_.RandomBetween(4s, 30s);  // some leases last longer
  return dice == 3 ? world_.RandomBetween(20min, 4h) : world_.RandomBetween(2min, 14min);
}

void Trouble::Freeze() {
  Machine& machine = Dice(2) == 0 ? AnyMachine() : Planner();
  const Duration span = DrawAbsence();
  if (machine.process == nullptr) return;
  machine.process->Lose(Loss::kItself, span);
}

void Trouble::ArmLoss() {
  const Loss loss = Dice(2) == 0 ? Loss::kItself : Loss::kCatalogue;
  world_.weather_.LoseAt(loss, 1 + Dice(6), DrawAbsence());
}

// From one node, or from all: a failover of the database.
void Trouble::HideCatalogue() {
  const Machine* one = Dice(3) == 0 ? nullptr : Dice(2) == 0 ? &AnyMachine() : &Planner();
  const Duration span = world_.RandomBetween(4s, Dice(2) == 0 ? Duration(40s) : Duration(20min));
  for (Machine& machine : world_.machines_) {
    if (machine.process == nullptr || (one != nullptr && one != &machine)) continue;
    machine.process->Lose(Loss::kCatalogue, span);
  }
}

void Trouble::DisturbRenewals() {
  Machine& machine = Dice(2) == 0 ? AnyMachine() : Planner();
  const auto renewals = static_cast<Renewals>(1 + Dice(3));
  const Duration span = world_.RandomBetween(10s, 6min);
  if (machine.process == nullptr) return;
  machine.process->SetRenewals(renewals, world_.clock_.Monotonic() + span);
  ++world_.counts_.renewal_troubles;
  world_.Miss(span);
}

void Trouble::Drain() {
  const std::string node = AnyMachine().name;
  const Duration span = world_.RandomBetween(1min, 10h);
  AsOperator([node](auto& catalogue) { catalogue.SetNodeDraining(node, true); });
  world_.After(span, [this, node] { AsOperator([node](auto& it) { it.SetNodeDraining(node, false); }); });
  ++world_.counts_.drains;
  world_.Disturb(span + 1h);
}

void Trouble::AsOperator(const std::function<void(catalogue::Catalogue&)>& change) {
  change(*world_.catalogue_);
  world_.LookSoon(world_.RandomBetween(0s, 60s));
}

Machine& Trouble::AnyMachine() { return world_.machines_[several() ? Dice(world_.machines_.size()) : 0]; }

Machine& Trouble::Planner() {
  for (Machine& machine : world_.machines_) {
    if (machine.process != nullptr && world_.planners_.holder() == machine.process->identity()) return machine;
  }
  return AnyMachine();
}

const Company& Trouble::AnyCompany() {
  const auto& companies = world_.fleet_.companies();
  return companies[Dice(companies.size())];
}

void Trouble::PauseSomething() {
  const std::string server = Dice(2) == 0 ? "" : world_.fleet_.servers()[Dice(world_.fleet_.servers().size())].name;
  const Duration span = world_.RandomBetween(10min, 30h);
  AsOperator([this, server, span](auto& catalogue) {
    catalogue.AddPause(server, world_.clock_.Now());
    world_.After(span, [this, server] { AsOperator([server](auto& it) { it.RemovePause(server); }); });
    world_.Disturb(span + 10min);
  });
}

void Trouble::ChangeFor(const std::string& id, Duration span, std::function<void(Company&)> change,
                        std::function<void(Company&)> undo) {
  const auto update = [id](catalogue::Catalogue& catalogue, const std::function<void(Company&)>& how) {
    Company company = catalogue.GetCompany(id);
    how(company);
    catalogue.UpdateCompany(company);
  };
  AsOperator([this, id, span, update, change = std::move(change), undo = std::move(undo)](auto& catalogue) {
    update(catalogue, change);
    world_.After(span, [this, update, undo] { AsOperator([update, undo](auto& it) { update(it, undo); }); });
    Duration& until = world_.troubled_until_[id];
    until = std::max(until, world_.clock_.Monotonic() + span + 10h);
  });
}

void Trouble::DisableCompany() {
  ChangeFor(
      AnyCompany().id, world_.RandomBetween(10min, 200h), [](Company& company) { company.enabled = false; },
      [](Company& company) { company.enabled = true; });
}

// Hardly any room is left, for some days; then the operator gives more.
void Trouble::FillSpace() {
  for (uint64_t companies = 1 + Dice(3); companies > 0; --companies) {
    const std::string id = AnyCompany().id;
    const uint64_t room = Dice(2) == 0 ? Dice(3'000) : Dice(60'000);
    ChangeFor(
        id, world_.RandomBetween(20h, 240h),
        [this, id, room](Company& company) {
          const auto state = world_.catalogue_->FindCompanyState(id);
          company.space_limit_bytes = 1 + room + (state ? state->stored_bytes.value_or(0) : 0);
        },
        [](Company& company) { company.space_limit_bytes = uint64_t{1} << 30; });
  }
}

void Trouble::AskForBackups() {
  for (uint64_t asked = 1 + Dice(4); asked > 0; --asked) {
    auto base = world_.fleet_.bases().begin();
    std::advance(base, static_cast<ptrdiff_t>(Dice(world_.fleet_.bases().size())));
    // Those at work are the more interesting.
    const Machine& machine = AnyMachine();
    if (machine.process != nullptr && !machine.process->running().empty() && Dice(2) == 0) {
      base = world_.fleet_.bases().lower_bound({machine.process->running().front().company, 0});
    }
    const bool pinned = Dice(4) == 0;
    AsOperator([this, key = base->first, pinned](auto& catalogue) {
      const TimePoint now = world_.clock_.Now();
      Job job{.reason = JobReason::kManual, .company = key.first, .fiscal_year = key.second, .queued = now};
      if (pinned) job.pinned_until = now + 240h;
      const auto known = catalogue.ListDatabases({.company = key.first});
      if (std::ranges::count(known, key.second, &Database::fiscal_year) > 0) catalogue.EnqueueJob(job);
    });
  }
}

}  // namespace cofre::world
