#include "tests/world/weather.h"

#include <utility>

#include "base/error.h"
#include "tests/world/dice.h"

namespace cofre::world {
namespace {

using namespace std::chrono_literals;
using Operation = test::FaultyStore::Operation;

// "srv1/900000001/data/ab/ab12" -> company and folder.
std::pair<std::string, std::string> PartsOf(const std::string& key) {
  const size_t company = key.find('/') + 1;
  const size_t folder = key.find('/', company) + 1;
  if (company == 0 || folder == 0) return {};
  return {key.substr(company, folder - company - 1), key.substr(folder, key.find('/', folder) - folder)};
}

bool IsOf(Target target, const test::FaultyStore::Call& call) {
  if (target == Target::kAny) return true;
  if (!call.Writes()) return false;
  const std::string folder = PartsOf(call.key).second;
  switch (target) {
    case Target::kIndex:
      return folder == "index";
    case Target::kPackDeletion:
      return folder == "data" && call.operation != Operation::kPut;
    case Target::kSnapshot:
      return folder == "snapshots";
    default:
      return true;
  }
}

}  // namespace

void Weather::SetStore(StoreState state, Duration until, double rate) {
  const std::lock_guard guard(mutex_);
  store_ = {state, until, rate};
}

void Weather::SetServer(uint32_t server, ServerState state, Duration until) {
  const std::lock_guard guard(mutex_);
  servers_.at(server) = {state, until};
}

void Weather::Clear() {
  const std::lock_guard guard(mutex_);
  store_ = {};
  for (ServerWeather& server : servers_) server = {};
  kill_in_ = 0;
  lose_in_ = 0;
}

ServerState Weather::server(uint32_t server) const {
  const std::lock_guard guard(mutex_);
  const ServerWeather& weather = servers_.at(server);
  return weather.until > clock_.Monotonic() ? weather.state : ServerState::kGood;
}

void Weather::KillAt(Target target, uint64_t requests, Moment moment) {
  const std::lock_guard guard(mutex_);
  kill_target_ = target;
  kill_in_ = requests;
  kill_moment_ = moment;
}

void Weather::LoseAt(Loss loss, uint64_t requests, Duration span) {
  const std::lock_guard guard(mutex_);
  loss_ = loss;
  lose_in_ = requests;
  loss_span_ = span;
}

void Weather::BeginJob(const std::string& company, int64_t job) {
  const std::lock_guard guard(mutex_);
  chances_[company] = {.job = job};
}

std::shared_ptr<test::FaultyStore> Weather::MakeStore(std::shared_ptr<storage::ObjectStore> below, Fate fate) {
  auto store = std::make_shared<test::FaultyStore>(std::move(below));
  store->SetDelay(slow_, {});
  store->SetScript([this, fate = std::move(fate)](const test::FaultyStore::Call& call) { return Decide(call, fate); });
  return store;
}

Weather::Fault Weather::Decide(const test::FaultyStore::Call& call, const Fate& fate) {
  const std::lock_guard guard(mutex_);
  if (fate.is_dead()) return Fault::kError;
  ++counts_.requests;
  if (kill_in_ > 0 && IsOf(kill_target_, call) && --kill_in_ == 0) {
    fate.kill();
    if (kill_moment_ == Moment::kHalfWay && call.operation == Operation::kDeleteMany) return Fault::kHalf;
    return kill_moment_ == Moment::kAfter ? Fault::kLostAnswer : Fault::kError;
  }
  if (Loses(call)) {
    fate.lose(loss_, loss_span_);
    if (loss_ == Loss::kItself) return Fault::kDelay;
  }
  const Fault fault = Draw(call);
  if (fault == Fault::kError) ++counts_.errors;
  if (fault == Fault::kLostAnswer) ++counts_.lost_answers;
  if (fault == Fault::kHalf) ++counts_.halves;
  return fault;
}

bool Weather::Loses(const test::FaultyStore::Call& call) {
  const bool counts = lose_in_ > 0 && IsOf(Target::kSnapshot, call) && Actor::Current() != nullptr;
  return counts && --lose_in_ == 0;
}

Weather::Fault Weather::Draw(const test::FaultyStore::Call& call) {
  const StoreState state = store();
  if (state == StoreState::kDown) return Fault::kError;
  const auto [company, folder] = PartsOf(call.key);
  if (state == StoreState::kFlaky) {
    JobChance& chance = chances_[company];
    const uint64_t number = ++chance.requests[{call.operation, folder}];
    uint64_t place = Mix({seed_, static_cast<uint64_t>(chance.job), static_cast<uint64_t>(call.operation), number});
    for (const char c : folder) place = Mix({place, static_cast<uint64_t>(c)});
    if (Chance({place}) < store_.rate) {
      const bool parts = call.operation == Operation::kList || call.operation == Operation::kDeleteMany;
      const uint64_t kind = Mix({place, 1}) % (parts ? 3 : 2);
      if (kind == 2) return Fault::kHalf;
      return kind == 0 ? Fault::kError : Fault::kLostAnswer;
    }
  }
  // Under the lock: after it is written, and before the snapshot is.
  const bool waits = call.operation == Operation::kPut && (folder == "locks" || folder == "snapshots");
  return waits && Actor::Current() != nullptr ? Fault::kDelay : Fault::kNone;
}

void Weather::SlowRequests::SleepFor(Duration /*pause*/, std::stop_token /*stop*/) {
  Actor* actor = Actor::Current();
  if (actor == nullptr) return;
  const uint64_t dice = Mix({weather_.seed_, static_cast<uint64_t>(Monotonic().count())});
  bool slow = false;
  {
    const std::lock_guard guard(weather_.mutex_);
    slow = weather_.store() == StoreState::kSlow;
  }
  const Duration begin = Monotonic();
  actor->Sleep(slow ? 1s * static_cast<int64_t>(10 + dice % 90) : 100ms * static_cast<int64_t>(1 + dice % 30));
  // Its process was frozen meanwhile. S3 takes no request that was signed so long ago.
  constexpr auto kMostSkew = 15min;
  if (Monotonic() - begin > kMostSkew) throw Error(ErrorKind::kTransient, "the request's date is too old");
}

}  // namespace cofre::world
