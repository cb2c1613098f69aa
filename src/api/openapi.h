#pragma once

// openapi.json, compiled in.

#include <string_view>

namespace cofre::api {

std::string_view OpenApiText();

}  // namespace cofre::api
