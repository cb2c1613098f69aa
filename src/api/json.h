#pragma once

// JSON in and out of messages. Include nlohmann/json.hpp beside it, in .cc files.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"
#include "base/clock.h"
#include "service/model_json.h"

namespace cofre::api {

using service::Json;

// Compact. Bytes that are not UTF-8 become U+FFFD.
std::string Compact(const Json& json);
Response JsonResponse(const Json& json, int status = 200);

Json TimeOrNull(const std::optional<TimePoint>& time);
Json TextOrNull(const std::string& text);

// The members of a request's body, each taken once. Throws Refusal: wrong_content_type, and invalid for what is no
// object, nests deeper than 16, or has a value of another type; the key is named.
class Body {
 public:
  explicit Body(const Request& request);
  explicit Body(Json object);
  ~Body();
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  bool Has(const std::string& key) const;
  bool HasValue(const std::string& key) const;  // not null
  // nullopt where the key is missing. Null counts as missing, but for TakeNullableText, where it is an empty text.
  std::optional<std::string> TakeText(const std::string& key);
  std::optional<std::string> TakeNullableText(const std::string& key);
  std::optional<bool> TakeFlag(const std::string& key);
  std::optional<double> TakeNumber(const std::string& key);
  std::optional<std::vector<std::string>> TakeTexts(const std::string& key, size_t most);
  std::optional<Json> TakeObject(const std::string& key);
  // Throws invalid where it is missing.
  std::string RequireText(const std::string& key);

  // Throws invalid where a member is left that nobody took.
  void Finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads as "1 to 500"; throws invalid, naming the parameter.
int64_t NumberParameter(const Request& request, const std::string& name, int64_t least, int64_t most, int64_t missing);

}  // namespace cofre::api
