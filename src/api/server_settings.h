#pragma once

// What the API takes of servers.

#include "api/json.h"
#include "api/services.h"

namespace cofre::api {

// The members that are there, onto the server. No program can be named: engines of commands are not made here. Throws
// Refusal and kind usage.
void ApplyServerSettings(Services& services, Body& body, Server& server);

}  // namespace cofre::api
