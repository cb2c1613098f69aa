#include "service/notify/alert_rules.h"

#include <algorithm>
#include <string>

namespace cofre::service {
namespace {

Alert MakeAlert(const Event& event, int level, bool said, TimePoint since) {
  return {.topic = std::string(TopicName(event.topic)),
          .subject = event.subject,
          .level = level,
          .lasting = event.lasting,
          .said = said,
          .since = since,
          .title = event.title};
}

}  // namespace

Verdict Judge(const Event& event, const std::optional<Alert>& known, bool server_is_down, TimePoint now) {
  const bool is_explained = server_is_down && (event.topic == Topic::kBackup || event.topic == Topic::kLate);
  if (!known) {
    if (event.level == 0) return {};
    return {.tell = !is_explained, .keep = MakeAlert(event, event.level, !is_explained, now)};
  }
  if (!event.lasting) return {};

  const int level =
      event.level < known->level ? std::min(known->level, std::max(event.level, event.holds)) : event.level;
  if (level == 0) return {.tell = known->said, .ended = true, .forget = true};
  const bool is_worse = level > known->level;
  if ((is_worse || !known->said) && !is_explained) {
    return {.tell = true, .keep = MakeAlert(event, level, true, known->since)};
  }
  if (level == known->level) return {};
  Alert changed = *known;
  changed.level = level;
  return {.keep = changed};
}

}  // namespace cofre::service
