#include "api/json.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "base/text.h"
#include "base/utf8.h"

namespace cofre::api {
namespace {

constexpr int kDeepest = 16;

Refusal WrongType(const std::string& key, std::string_view wanted) {
  return {"invalid", fmt::format("the value of {} is not {}", Quoted(key), wanted)};
}

// nlohmann's parser is recursive only when it frees, and that by the depth that this lets through.
Json Parse(const std::string& text) {
  int depth = 0;
  bool too_deep = false;
  const auto callback = [&](int, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) ++depth;
    if (event == Json::parse_event_t::object_end || event == Json::parse_event_t::array_end) --depth;
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  if (!IsValidUtf8(text)) throw Refusal("invalid", "the body is not UTF-8");
  Json json = Json::parse(text, callback, false);
  if (json.is_discarded() || too_deep || !json.is_object()) {
    throw Refusal("invalid", "the body is not a JSON object", "send one, as /api/v1/openapi.json describes it");
  }
  return json;
}

}  // namespace

std::string Compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Response JsonResponse(const Json& json, int status) {
  return {.status = status, .type = "application/json", .body = Compact(json)};
}

Json TimeOrNull(const std::optional<TimePoint>& time) { return time ? Json(FormatTime(*time)) : Json(nullptr); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

struct Body::State {
  std::optional<Json> Take(const std::string& key, bool keep_null = false) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    Json value = std::move(*found);
    object.erase(key);
    if (value.is_null() && !keep_null) return std::nullopt;
    return value;
  }

  Json object;
};

Body::Body(const Request& request) : state_(std::make_unique<State>()) {
  const std::string type = AsciiLower(request.Header("content-type"));
  if (Trimmed(type.substr(0, type.find(';'))) != "application/json") {
    throw Refusal("wrong_content_type", "the content type " + Quoted(type) + " is not application/json");
  }
  state_->object = Parse(request.body);
}

Body::Body(Json object) : state_(std::make_unique<State>()) { state_->object = std::move(object); }

Body::~Body() = default;

bool Body::Has(const std::string& key) const { return state_->object.contains(key); }

bool Body::HasValue(const std::string& key) const { return Has(key) && !state_->object.at(key).is_null(); }

std::optional<std::string> Body::TakeText(const std::string& key) {
  const auto value = state_->Take(key);
  if (!value) return std::nullopt;
  if (!value->is_string()) throw WrongType(key, "a text");
  return value->get<std::string>();
}

std::optional<std::string> Body::TakeNullableText(const std::string& key) {
  const auto value = state_->Take(key, true);
  if (!value) return std::nullopt;
  if (value->is_null()) return "";
  if (!value->is_string()) throw WrongType(key, "a text or null");
  return value->get<std::string>();
}

std::optional<bool> Body::TakeFlag(const std::string& key) {
  const auto value = state_->Take(key);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) throw WrongType(key, "true or false");
  return value->get<bool>();
}

std::optional<double> Body::TakeNumber(const std::string& key) {
  const auto value = state_->Take(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) throw WrongType(key, "a number");
  return value->get<double>();
}

std::optional<std::vector<std::string>> Body::TakeTexts(const std::string& key, size_t most) {
  const auto value = state_->Take(key);
  if (!value) return std::nullopt;
  if (!value->is_array() || value->size() > most) throw WrongType(key, fmt::format("a list of at most {} texts", most));
  std::vector<std::string> texts;
  for (const Json& one : *value) {
    if (!one.is_string()) throw WrongType(key, "a list of texts");
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::optional<Json> Body::TakeObject(const std::string& key) {
  auto value = state_->Take(key);
  if (value && !value->is_object()) throw WrongType(key, "an object");
  return value;
}

std::string Body::RequireText(const std::string& key) {
  auto text = TakeText(key);
  if (!text) throw Refusal("invalid", fmt::format("the body has no {}", key));
  return *std::move(text);
}

void Body::Finish() const {
  if (state_->object.empty()) return;
  throw Refusal("invalid",
                fmt::format("the body has a key {} that means nothing here", Quoted(state_->object.begin().key())));
}

int64_t NumberParameter(const Request& request, const std::string& name, int64_t least, int64_t most, int64_t missing) {
  const std::string& text = request.Query(name);
  if (text.empty()) return missing;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    throw Refusal("invalid", fmt::format("{} {} is not a number from {} to {}", name, Quoted(text), least, most));
  }
  return number;
}

}  // namespace cofre::api
