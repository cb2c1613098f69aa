#include "service/notifier.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "service/notify/alert_rules.h"
#include "service/notify/delivery.h"
#include "service/notify/notice_json.h"
#include "service/notify/receiver.h"

namespace cofre::service {
namespace {

constexpr size_t kMostWaiting = 1000;  // messages, for one receiver
constexpr std::chrono::hours kRememberPassing(60 * 24);

std::optional<Alert> FindAlert(catalogue::Catalogue& catalogue, Topic topic, const std::string& subject) {
  const auto found = catalogue.ListAlerts(std::string(TopicName(topic)), subject);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

// Asks the heartbeat's URL while the daemon beats.
class Heart {
 public:
  Heart(HeartbeatConfig config, std::chrono::seconds answer)
      : config_(std::move(config)), answer_(answer), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  void Beat() {
    const std::lock_guard lock(mutex_);
    beats_ = true;
    changed_.notify_all();
  }

 private:
  void Run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return beats_; })) {
      beats_ = false;
      lock.unlock();
      Send(stop);
      lock.lock();
      changed_.wait_for(lock, stop, config_.every, [] { return false; });
    }
  }

  void Send(const std::stop_token& stop) {
    try {
      SendHeartbeat(config_, answer_, stop);
      if (std::exchange(failing_, false)) Log(LogLevel::kInfo, "heartbeat_works_again");
    } catch (const Error& error) {
      if (stop.stop_requested()) return;
      const LogLevel level = std::exchange(failing_, true) ? LogLevel::kDebug : LogLevel::kError;
      Log(level, "heartbeat_failed", {{"error", WithHint(error)}});
    }
  }

  const HeartbeatConfig config_;
  const std::chrono::seconds answer_;
  bool failing_ = false;  // of the thread alone
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool beats_ = false;
  std::jthread thread_;
};

}  // namespace

struct Notifier::State {
  State(NotifyConfig configured, catalogue::Catalogue& opened, Clock& given)
      : config(std::move(configured)), catalogue(opened), clock(given) {
    for (auto& receiver : MakeReceivers(config, clock)) {
      // A receiver may take four times its answer's time.
      const DeliveryTiming timing{.gather = config.gather, .right = 5 * config.answer + std::chrono::minutes(1)};
      deliveries.push_back(std::make_unique<Delivery>(std::move(receiver), catalogue, clock, timing));
    }
    if (config.heartbeat) heart = std::make_unique<Heart>(*config.heartbeat, config.answer);
  }

  // Within a transaction. Whether something waits to be sent now.
  bool Take(const Event& event) {
    const std::optional<Alert> known = FindAlert(catalogue, event.topic, event.subject);
    const bool is_down =
        !event.server.empty() && event.topic != Topic::kServer &&
        (FindAlert(catalogue, Topic::kServer, event.server) || FindAlert(catalogue, Topic::kServer, kStoreSubject));
    const Verdict verdict = Judge(event, known, is_down, clock.Now());
    if (verdict.forget) catalogue.RemoveAlert(std::string(TopicName(event.topic)), event.subject);
    if (verdict.keep) catalogue.PutAlert(*verdict.keep);
    if (!event.lasting && verdict.keep) catalogue.RemovePassingAlerts(clock.Now() - kRememberPassing);
    if (verdict.tell) Queue({.time = clock.Now(), .ended = verdict.ended, .event = event});
    return verdict.tell;
  }

  // A good backup ends what was said of its database's lateness. Said once: not where its failure's end is said too.
  bool TakeFresh(const Event& done, bool was_told) {
    const std::optional<Alert> late = FindAlert(catalogue, Topic::kLate, done.subject);
    if (!late) return false;
    catalogue.RemoveAlert(late->topic, late->subject);
    if (was_told || !late->said) return false;
    Event fresh = done;
    fresh.topic = Topic::kLate;
    Queue({.time = clock.Now(), .ended = true, .event = fresh});
    return true;
  }

  void Queue(const Told& told) {
    Log(told.ended || !told.event.lasting ? LogLevel::kInfo : LogLevel::kWarning, "alert",
        {{"about", std::string(TopicName(told.event.topic))},
         {"subject", told.event.subject},
         {"state", told.ended ? "over" : "active"},
         {"title", told.event.title}});
    const std::string content = ToNoticeJson(told);
    for (const auto& delivery : deliveries) {
      if (!delivery->receiver().Wants(told.event.topic)) continue;
      const std::string& name = delivery->receiver().name();
      catalogue.AddNotice({.receiver = name, .time = told.time, .content = content});
      if (catalogue.CountNotices(name) <= kMostWaiting) continue;
      const int64_t oldest = catalogue.ListNotices(name, 1).front().id;
      const int64_t gone = catalogue.RemoveNotices(name, oldest);
      Log(LogLevel::kError, "alerts_given_up", {{"receiver", name}, {"messages", std::to_string(gone)}});
    }
  }

  const NotifyConfig config;
  catalogue::Catalogue& catalogue;
  Clock& clock;
  std::vector<std::unique_ptr<Delivery>> deliveries;
  std::unique_ptr<Heart> heart;
};

Notifier::Notifier(NotifyConfig config, catalogue::Catalogue& catalogue, Clock& clock)
    : state_(std::make_unique<State>(std::move(config), catalogue, clock)) {}

Notifier::~Notifier() = default;

void Notifier::Notify(const Event& event) {
  try {
    bool has_new = false;
    {
      catalogue::Transaction transaction(state_->catalogue);
      has_new = state_->Take(event);
      if (event.topic == Topic::kBackup && event.level == 0) has_new |= state_->TakeFresh(event, has_new);
      transaction.Commit();
    }
    if (!has_new) return;
    for (const auto& delivery : state_->deliveries) delivery->Wake();
  } catch (const Error& error) {
    Log(LogLevel::kError, "alert_not_kept", {{"title", event.title}, {"error", error.what()}});
  }
}

void Notifier::Beat() {
  if (state_->heart != nullptr) state_->heart->Beat();
}

void Notifier::Flush(std::chrono::milliseconds limit) {
  const Duration end = state_->clock.Monotonic() + limit;
  for (const auto& delivery : state_->deliveries) delivery->BeginFlush();
  for (const auto& delivery : state_->deliveries) {
    delivery->AwaitFlush(std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(
                                                                    end - state_->clock.Monotonic())));
  }
}

std::vector<NotifyTrial> TryReceivers(const NotifyConfig& config, Clock& clock, const std::stop_token& stop) {
  std::vector<NotifyTrial> trials;
  const auto attempt = [&](const std::string& name, const std::function<void()>& send) {
    NotifyTrial trial{.receiver = name};
    try {
      send();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled) throw;
      trial.error = error.what();
      trial.hint = error.hint();
    }
    trials.push_back(std::move(trial));
  };
  const Told told{.time = clock.Now(),
                  .event = {.topic = Topic::kSummary,
                            .subject = "test",
                            .level = 1,
                            .lasting = false,
                            .title = "This is a test",
                            .detail = "Whoever reads this gets what Cofre has to say."}};
  for (const auto& receiver : MakeReceivers(config, clock)) {
    attempt(receiver->name(), [&] { receiver->Send(std::span(&told, 1), stop); });
  }
  if (config.heartbeat) attempt("latido", [&] { SendHeartbeat(*config.heartbeat, config.answer, stop); });
  return trials;
}

}  // namespace cofre::service
