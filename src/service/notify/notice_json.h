#pragma once

// Events as the JSON that waits in the catalogue and that webhooks get. The keys are those of docs/alerts.md.

#include <span>
#include <string>
#include <string_view>

#include "service/notify/told.h"

namespace cofre::service {

// Valid UTF-8 of less than 16 KiB, whatever the event's texts are.
std::string ToNoticeJson(const Told& told);
// Throws kind corrupt for what ToNoticeJson does not give.
Told FromNoticeJson(std::string_view json);

// What a receiver of JSON gets: {"texto": ..., "avisos": [...]}.
std::string WebhookBody(std::span<const Told> told, const std::string& text);
// What chat tools take: {"text": ...}.
std::string ChatBody(const std::string& text);

}  // namespace cofre::service
