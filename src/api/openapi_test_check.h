#pragma once

// Holds answers against openapi.json: whether status, content type and every key of the body are as it says. Include
// nlohmann/json.hpp beside it.

#include <string>

#include "api/json.h"
#include "api/message.h"

namespace cofre::api {

const Json& Description();

// The operation of a route's pattern; null where there is none.
Json OperationOf(Method method, const std::string& pattern);

// What is wrong with an answer to it; empty where nothing is. `body` may be empty for an answer without one.
std::string CheckAnswer(Method method, const std::string& pattern, int status, const std::string& type,
                        const std::string& body);

}  // namespace cofre::api
