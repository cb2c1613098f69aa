#include "api/fleet_view.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/processor_time.h"
#include "base/text.h"
#include "planner/planner.h"

namespace cofre::api {
namespace {

constexpr auto kFresh = std::chrono::seconds(2);

// How long after a look the next one is made, by the processor's time that it took. The longest rest leaves time for a
// look that backups slow down, before what is kept gets too old and everybody who asks waits.
Duration RestAfter(Duration cost) {
  constexpr Duration kMostRest = std::chrono::seconds(30);
  return std::max<Duration>({kFresh, std::min(100 * cost, kMostRest), 4 * cost});
}

constexpr std::array<std::pair<CompanyCondition, std::string_view>, 6> kConditions{
    {{CompanyCondition::kFailing, "failing"},
     {CompanyCondition::kLate, "late"},
     {CompanyCondition::kNever, "never"},
     {CompanyCondition::kSafe, "safe"},
     {CompanyCondition::kEmpty, "empty"},
     {CompanyCondition::kDisabled, "disabled"}}};

// Accented letters of Spanish in UTF-8: all begin with C3.
constexpr std::array<std::pair<char, char>, 14> kAccents{{{'\xA1', 'a'},
                                                          {'\xA9', 'e'},
                                                          {'\xAD', 'i'},
                                                          {'\xB3', 'o'},
                                                          {'\xBA', 'u'},
                                                          {'\xBC', 'u'},
                                                          {'\xB1', 'n'},
                                                          {'\x81', 'a'},
                                                          {'\x89', 'e'},
                                                          {'\x8D', 'i'},
                                                          {'\x93', 'o'},
                                                          {'\x9A', 'u'},
                                                          {'\x9C', 'u'},
                                                          {'\x91', 'n'}}};

CompanyCondition ConditionOf(const CompanyRow& row) {
  if (!row.company.enabled) return CompanyCondition::kDisabled;
  if (row.databases.empty()) return CompanyCondition::kEmpty;
  CompanyCondition worst = CompanyCondition::kSafe;
  for (const service::DatabaseHealth& database : row.databases) {
    CompanyCondition one = CompanyCondition::kSafe;
    if (!database.newest) one = CompanyCondition::kNever;
    if (database.late) one = CompanyCondition::kLate;
    if (database.failing) one = CompanyCondition::kFailing;
    worst = std::min(worst, one);
  }
  return worst;
}

}  // namespace

std::string_view ConditionName(CompanyCondition condition) {
  return kConditions.at(static_cast<size_t>(condition)).second;
}

CompanyCondition ParseCondition(std::string_view name) {
  std::string known;
  for (const auto& [condition, text] : kConditions) {
    if (text == name) return condition;
    known += (known.empty() ? "" : ", ") + std::string(text);
  }
  throw Error(ErrorKind::kUsage, Quoted(name) + " is no state of a company", "one of " + known);
}

std::string Fold(std::string_view text) {
  std::string folded;
  const std::string small = AsciiLower(text);
  for (size_t i = 0; i < small.size(); ++i) {
    if (small[i] == '\xC3' && i + 1 < small.size()) {
      const auto* found = std::ranges::find(kAccents, small[i + 1], &std::pair<char, char>::first);
      if (found != kAccents.end()) {
        folded.push_back(found->second);
        ++i;
        continue;
      }
    }
    folded.push_back(small[i]);
  }
  return folded;
}

std::string_view CompanyRow::folded_name() const { return std::string_view(folded).substr(company.id.size()); }

double CompanyRow::percent() const {
  const uint64_t limit = company.space_limit_bytes;
  return limit == 0 ? 100 : 100 * static_cast<double>(used_bytes) / static_cast<double>(limit);
}

const CompanyRow* FleetSnapshot::Find(const std::string& id) const {
  const auto found = std::ranges::lower_bound(
      companies, id, {}, [](const CompanyRow& row) -> const std::string& { return row.company.id; });
  return found != companies.end() && found->company.id == id ? &*found : nullptr;
}

std::shared_ptr<const FleetSnapshot> FleetView::Look() {
  auto snapshot = std::make_shared<FleetSnapshot>();
  const auto wiring = wiring_();
  const TimePoint now = clock_.Now();
  snapshot->health = service::LookAtHealth(catalogue_, wiring->config(), now);
  {
    catalogue::Transaction one_moment(catalogue_, catalogue::Access::kRead);
    mirror_.Refresh(catalogue_, wiring->config(), now);
  }
  snapshot->fleet = mirror_.state();
  snapshot->plan = planner::MakePlan(snapshot->fleet.fleet, wiring->config().policy, now);
  std::map<std::string, uint64_t> used;
  for (const service::CompanyHealth& one : snapshot->health.companies) used[one.company] = one.used_bytes;
  snapshot->companies.reserve(mirror_.companies().size());
  for (const auto& [id, known] : mirror_.companies()) {
    CompanyRow& row = snapshot->companies.emplace_back();
    row.used_bytes = used[id];
    row.folded = Fold(id + " " + known.company.name);
    row.company = known.company;
  }
  // Both are in the order of the ids.
  auto row = snapshot->companies.begin();
  for (service::DatabaseHealth& database : snapshot->health.databases) {
    while (row != snapshot->companies.end() && row->company.id < database.company) ++row;
    if (row == snapshot->companies.end() || row->company.id != database.company) continue;
    if (database.newest && (!row->newest || *row->newest < *database.newest)) row->newest = database.newest;
    row->databases.push_back(std::move(database));
  }
  snapshot->health.databases.clear();
  snapshot->health.companies.clear();
  for (CompanyRow& one : snapshot->companies) {
    one.condition = ConditionOf(one);
    snapshot->by_name.push_back(&one);
  }
  std::ranges::stable_sort(snapshot->by_name, {}, &CompanyRow::folded_name);
  return snapshot;
}

std::shared_ptr<const FleetSnapshot> FleetView::Kept(Duration oldest) {
  const std::lock_guard lock(mutex_);
  if (kept_ == nullptr || kept_changes_ != changes_ || clock_.Monotonic() - kept_at_ > oldest) return nullptr;
  return kept_;
}

std::shared_ptr<const FleetSnapshot> FleetView::Get() {
  {
    const std::lock_guard lock(mutex_);
    asked_at_ = clock_.Monotonic();
  }
  if (auto kept = Kept(kFleetUsable)) return kept;
  const std::lock_guard looking(looking_);
  // Whoever looked meanwhile looked for all who waited, however long that took.
  if (auto kept = Kept(kFleetUsable)) return kept;
  return LookAndKeep();
}

void FleetView::Refresh() {
  const std::lock_guard looking(looking_);
  if (IsDue()) (void)LookAndKeep();
}

bool FleetView::IsDue() {
  const std::lock_guard lock(mutex_);
  const Duration now = clock_.Monotonic();
  if (!asked_at_ || now - *asked_at_ > kFleetAskedOfLate) return false;
  return kept_ == nullptr || now - kept_at_ >= RestAfter(cost_);
}

std::shared_ptr<const FleetSnapshot> FleetView::LookAndKeep() {
  uint64_t changes = 0;
  {
    const std::lock_guard lock(mutex_);
    changes = changes_;
  }
  const Duration began = clock_.Monotonic();
  // What a look waits for while backups run must not make looks rare.
  const Duration spent = ThreadProcessorTime();
  auto snapshot = Look();
  const Duration cost = ThreadProcessorTime() - spent;
  const std::lock_guard lock(mutex_);
  kept_ = snapshot;
  kept_at_ = began;
  cost_ = cost;
  kept_changes_ = changes;
  return snapshot;
}

uint64_t FleetView::changes() {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void FleetView::Changed() {
  const std::lock_guard lock(mutex_);
  ++changes_;
}

}  // namespace cofre::api
