#include "api/events.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "api/problem.h"
#include "base/error.h"
#include "service/health.h"

namespace cofre::api {
namespace {

constexpr size_t kLargestPiece = 64 << 10;  // bytes, about

}  // namespace

class EventHub::Listener : public Stream {
 public:
  Listener(EventHub& hub, const Identity& identity, const std::string& last_event_id)
      : hub_(hub), identity_(identity), ends_(hub.clock_.Monotonic() + kStreamLife) {
    const std::lock_guard lock(hub_.mutex_);
    if (hub_.listeners_.size() >= kMostStreams) {
      throw Refusal("unavailable", "too many clients listen to events already", "try again later");
    }
    const auto known = NumberOf(last_event_id);
    sent_ = known.value_or(hub_.newest_);
    greeting_ = fmt::format("retry: 2000\nevent: {}\nid: {}\ndata: {{}}\n\n",
                            known || last_event_id.empty() ? "inicio" : "reinicio", hub_.IdOf(sent_));
    hub_.listeners_.insert(this);
  }

  ~Listener() override {
    const std::lock_guard lock(hub_.mutex_);
    hub_.listeners_.erase(this);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::optional<std::string> Take() override {
    if (hub_.clock_.Monotonic() >= ends_) return std::nullopt;
    std::string text = std::exchange(greeting_, "");
    const std::lock_guard lock(hub_.mutex_);
    if (!hub_.events_.empty() && sent_ + 1 < hub_.events_.front().number) {
      sent_ = hub_.newest_;
      return text + fmt::format("event: reinicio\nid: {}\ndata: {{}}\n\n", hub_.IdOf(sent_));
    }
    const size_t skipped = hub_.events_.empty() ? 0 : sent_ + 1 - hub_.events_.front().number;
    for (size_t i = skipped; i < hub_.events_.size() && text.size() < kLargestPiece; ++i) {
      const Event& event = hub_.events_[i];
      if (identity_.Sees(event.company)) text += event.text;
      sent_ = event.number;
    }
    return text;
  }

  void OnReady(std::function<void()> ready) override {
    const std::lock_guard lock(hub_.mutex_);
    ready_ = std::move(ready);
  }

  // Under the hub's mutex.
  void Ring() const {
    if (ready_) ready_();
  }

 private:
  // Of an id that can be gone on from.
  std::optional<uint64_t> NumberOf(const std::string& id) const {
    const std::string prefix = hub_.epoch_ + "-";
    if (!id.starts_with(prefix)) return std::nullopt;
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size() || number > hub_.newest_) return std::nullopt;
    const bool is_kept = hub_.events_.empty() || number + 1 >= hub_.events_.front().number;
    return is_kept ? std::optional(number) : std::nullopt;
  }

  EventHub& hub_;
  const Identity identity_;
  const Duration ends_;
  uint64_t sent_ = 0;
  std::string greeting_;
  std::function<void()> ready_;
};

EventHub::EventHub(catalogue::Catalogue& catalogue, const JobView& jobs, Clock& clock)
    : catalogue_(catalogue),
      jobs_(jobs),
      clock_(clock),
      epoch_(fmt::format("{:x}", clock.Now().time_since_epoch().count())) {}

EventHub::~EventHub() = default;

std::string EventHub::IdOf(uint64_t number) const { return fmt::format("{}-{}", epoch_, number); }

std::shared_ptr<Stream> EventHub::Open(const Identity& identity, const std::string& last_event_id) {
  return std::make_shared<Listener>(*this, identity, last_event_id);
}

void EventHub::Add(const std::string& company, const Json& job) {
  ++newest_;
  events_.push_back({.number = newest_,
                     .company = company,
                     .text = fmt::format("event: tarea\nid: {}\ndata: {}\n\n", IdOf(newest_), Compact(job))});
  if (events_.size() > kKeptEvents) events_.pop_front();
}

void EventHub::Publish(const Job& job) {
  const Json json = jobs_.ToJson(job);
  const std::lock_guard lock(mutex_);
  running_.erase(job.id);
  Add(job.company, json);
  for (const Listener* listener : listeners_) listener->Ring();
}

void EventHub::Look() {
  std::map<int64_t, uint64_t> before;
  {
    const std::lock_guard lock(mutex_);
    if (listeners_.empty()) {
      running_.clear();
      return;
    }
    before = running_;
  }
  std::map<int64_t, uint64_t> now;
  std::vector<std::pair<Job, Json>> ended;
  std::vector<std::pair<Job, Json>> going_on;
  for (Job& job : service::RunningJobs(catalogue_)) {
    const uint64_t bytes = jobs_.ProgressOf(job).bytes;
    now[job.id] = bytes;
    const auto known = before.find(job.id);
    if (known != before.end() && known->second == bytes) continue;
    Json json = jobs_.ToJson(job);
    going_on.emplace_back(std::move(job), std::move(json));
  }
  for (const auto& [id, bytes] : before) {
    if (now.contains(id)) continue;
    Job job = catalogue_.GetJob(id);
    Json json = jobs_.ToJson(job);
    ended.emplace_back(std::move(job), std::move(json));
  }
  const std::lock_guard lock(mutex_);
  const uint64_t newest_before = newest_;
  for (const auto& [job, json] : ended) {
    // Unless it was published meanwhile.
    if (running_.contains(job.id)) Add(job.company, json);
  }
  for (const auto& [job, json] : going_on) {
    // One that was known and is no longer has ended since.
    if (!before.contains(job.id) || running_.contains(job.id)) Add(job.company, json);
  }
  running_ = std::move(now);
  if (newest_ == newest_before) return;
  for (const Listener* listener : listeners_) listener->Ring();
}

}  // namespace cofre::api
