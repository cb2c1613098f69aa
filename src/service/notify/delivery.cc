#include "service/notify/delivery.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/process_identity.h"
#include "catalogue/catalogue.h"
#include "service/notify/notice_json.h"

namespace cofre::service {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMostAtOnce = 200;
constexpr std::chrono::hours kOldest(72);
constexpr int kMostDoublings = 4;
constexpr std::chrono::hours kQuiet(1);

void LogDropped(const std::string& receiver, int64_t count) {
  Log(LogLevel::kError, "alerts_given_up", {{"receiver", receiver}, {"messages", std::to_string(count)}});
}

milliseconds Until(Duration end, Duration now) {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - now));
}

}  // namespace

Delivery::Delivery(std::unique_ptr<Receiver> receiver, catalogue::Catalogue& catalogue, Clock& clock,
                   const DeliveryTiming& timing)
    : receiver_(std::move(receiver)),
      catalogue_(catalogue),
      clock_(clock),
      timing_(timing),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Delivery::~Delivery() = default;

void Delivery::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Delivery::BeginFlush() {
  const std::lock_guard lock(mutex_);
  flushing_ = true;
  woken_ = true;
  changed_.notify_all();
}

void Delivery::AwaitFlush(milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return !flushing_; });
}

void Delivery::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool flushing = false;
    {
      const std::lock_guard lock(mutex_);
      woken_ = false;
      flushing = flushing_;
    }
    milliseconds pause = timing_.look;
    try {
      pause = Step(flushing, stop);
    } catch (const Error& error) {
      Log(LogLevel::kError, "alerts_not_read", {{"receiver", receiver_->name()}, {"error", error.what()}});
    }
    std::unique_lock lock(mutex_);
    if (flushing && pause > milliseconds(0)) {
      flushing_ = false;
      changed_.notify_all();
    }
    if (pause > milliseconds(0)) changed_.wait_for(lock, stop, pause, [this] { return woken_; });
  }
}

milliseconds Delivery::Step(bool flushing, const std::stop_token& stop) {
  DropOld();
  const std::vector<Notice> notices = catalogue_.ListNotices(receiver_->name(), kMostAtOnce);
  if (notices.empty()) return timing_.look;
  if (!flushing) {
    if (failures_ > 0 && try_again_ > clock_.Monotonic()) return Until(try_again_, clock_.Monotonic());
    const milliseconds rest = Gathering(clock_.Now() - notices.front().time);
    if (rest > milliseconds(0)) return rest;
  }
  const std::string right = "alerts to " + receiver_->name();
  if (!catalogue_.TakeLease(right, OwnProcessIdentity(), clock_.Now(), clock_.Now() + timing_.right, MayBeAlive)) {
    return timing_.look;
  }
  // Another process may have sent them since.
  const bool is_sent = Send(catalogue_.ListNotices(receiver_->name(), kMostAtOnce), stop);
  catalogue_.ReleaseLease(right, OwnProcessIdentity());
  return is_sent ? milliseconds(0) : Until(try_again_, clock_.Monotonic());
}

milliseconds Delivery::Gathering(Duration age) const {
  // A clock that was put back must not hold a message for hours.
  Duration rest = timing_.gather - std::max(age, Duration(0));
  if (last_sent_) {
    const Duration gap = timing_.gather * (1 << std::min(in_a_row_, kMostDoublings));
    rest = std::max(rest, *last_sent_ + gap - clock_.Monotonic());
  }
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(rest));
}

void Delivery::NoteSent() {
  const Duration now = clock_.Monotonic();
  in_a_row_ = last_sent_ && now - *last_sent_ < kQuiet ? in_a_row_ + 1 : 0;
  last_sent_ = now;
}

void Delivery::DropOld() {
  int64_t last = 0;
  for (const Notice& notice : catalogue_.ListNotices(receiver_->name(), kMostAtOnce)) {
    if (clock_.Now() - notice.time < kOldest) break;
    last = notice.id;
  }
  if (last > 0) LogDropped(receiver_->name(), catalogue_.RemoveNotices(receiver_->name(), last));
}

bool Delivery::Send(const std::vector<Notice>& notices, const std::stop_token& stop) {
  std::vector<Told> told;
  for (const Notice& notice : notices) {
    try {
      told.push_back(FromNoticeJson(notice.content));
    } catch (const Error& error) {
      Log(LogLevel::kError, "alert_unreadable", {{"receiver", receiver_->name()}, {"error", error.what()}});
    }
  }
  if (told.empty()) {
    if (!notices.empty()) catalogue_.RemoveNotices(receiver_->name(), notices.back().id);
    return true;
  }
  try {
    receiver_->Send(told, stop);
  } catch (const Error& error) {
    if (stop.stop_requested()) return false;
    const milliseconds pause =
        std::min<milliseconds>(timing_.max_pause, timing_.first_pause * (1LL << std::min(failures_, 16)));
    try_again_ = clock_.Monotonic() + pause;
    // The first time aloud; the further ones are no news.
    Log(failures_++ == 0 ? LogLevel::kError : LogLevel::kInfo, "alerts_not_sent",
        {{"receiver", receiver_->name()},
         {"messages", std::to_string(told.size())},
         {"error", WithHint(error)},
         {"again_in_seconds", std::to_string(pause.count() / 1000)}});
    return false;
  }
  NoteSent();
  catalogue_.RemoveNotices(receiver_->name(), notices.back().id);
  if (std::exchange(failures_, 0) > 0) Log(LogLevel::kInfo, "alerts_sent_again", {{"receiver", receiver_->name()}});
  return true;
}

}  // namespace cofre::service
