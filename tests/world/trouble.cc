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
  if (ended_) return;
  (this->*kDoings[Dice(std::size(kDoings))])();
  Await();
}

void Trouble::Disturb(Duration span) {
  world_.disturbed_until_ = std::max(world_.disturbed_until_, world_.clock_.Monotonic() + span);
}

void Trouble::BreakStore() {
  const uint64_t dice = Dice(10);
  const Duration span = dice < 6 ? world_.RandomBetween(1min, 1h) : world_.RandomBetween(1h, 12h);
  const uint64_t kind = Dice(6);
  const StoreState state = kind == 0 ? StoreState::kDown : kind == 1 ? StoreState::kSlow : StoreState::kFlaky;
  world_.weather_.SetStore(state, world_.clock_.Monotonic() + span, 0.01 * static_cast<double>(2 + Dice(30)));
  ++world_.counts_.store_troubles;
  Disturb(span);
}

void Trouble::BreakServer() {
  const auto server = static_cast<uint32_t>(Dice(world_.fleet_.servers().size()));
  const Duration span = Dice(2) == 0 ? world_.RandomBetween(2min, 2h) : world_.RandomBetween(2h, 30h);
  const uint64_t kind = Dice(4);
  const ServerState state = kind <= 1 ? ServerState::kDown : kind == 2 ? ServerState::kStalls : ServerState::kSlow;
  world_.weather_.SetServer(server, state, world_.clock_.Monotonic() + span);
  ++world_.counts_.server_troubles;
  Disturb(span);
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
  world_.weather_.KillAt(target, 1 + Dice(most), static_cast<Moment>(Dice(3)),
                         [this] { world_.process_->Kill(world_.place_); });
}

void Trouble::Kill() {
  world_.downtime_ = world_.RandomBetween(2s, 10h);
  world_.rebooted_ = Dice(4) == 0;
  world_.KillProcess();
}

void Trouble::Stop() {
  if (world_.process_ == nullptr) return;
  world_.process_->StopGracefully();
  ++world_.counts_.stops;
  world_.downtime_ = world_.RandomBetween(2s, 1h);
  world_.rebooted_ = false;
  world_.KillProcess();
}

void Trouble::SetClock() {
  constexpr Duration kJumps[] = {-1h, -1h, 1h, 24h, -2min};
  world_.clock_.Jump(kJumps[Dice(std::size(kJumps))]);
  ++world_.counts_.clock_jumps;
  world_.caps_.ClockJumped();
  world_.LookSoon(0s);
  Disturb(1h);
}

void Trouble::AsOperator(std::function<void(catalogue::Catalogue&)> change) {
  if (world_.process_ == nullptr) {
    world_.After(1min, [this, change = std::move(change)]() mutable { AsOperator(std::move(change)); });
    return;
  }
  change(world_.process_->catalogue());
  world_.LookSoon(world_.RandomBetween(0s, 60s));
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
    Disturb(span + 10min);
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
          const auto state = world_.process_->catalogue().FindCompanyState(id);
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
    if (world_.process_ != nullptr && !world_.process_->running().empty() && Dice(2) == 0) {
      base = world_.fleet_.bases().lower_bound({world_.process_->running().front().company, 0});
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
