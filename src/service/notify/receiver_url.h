#pragma once

// Where webhooks and the heartbeat go. Such a URL often is a secret by itself: whoever knows it may post.

#include <string>

#include "service/config_notify.h"

namespace cofre::service {

// Throws kind usage for what is not http:// or https:// with a host, or holds a user or password. The URL is not in the
// message.
void RequireReceiverUrl(const std::string& url);

// The URL itself, read from its file if it is in one. Throws as above and as ReadSecretFile does.
std::string Resolve(const ReceiverUrl& url);

}  // namespace cofre::service
