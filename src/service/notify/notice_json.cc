#include "service/notify/notice_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "service/model_json.h"

namespace cofre::service {
namespace {

constexpr size_t kTitleLimit = 500;    // bytes
constexpr size_t kDetailLimit = 6000;  // bytes; at most doubled by JSON's quoting

// Of others' words: no control character but the line end.
std::string Tamed(const std::string& text, size_t limit) {
  std::string tamed = ToValidUtf8(text, limit);
  std::ranges::replace_if(
      tamed, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F; }, ' ');
  return tamed;
}

Json ToJson(const Told& told) {
  const Event& event = told.event;
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  std::string title = Tamed(event.title, kTitleLimit);
  std::ranges::replace(title, '\n', ' ');
  return {{"aviso", TopicName(event.topic)},
          {"estado", told.ended ? "terminado" : "activo"},
          {"nivel", event.level},
          {"fecha", FormatTime(told.time)},
          {"sobre", Tamed(event.subject, kTitleLimit)},
          {"empresa", text_or_null(Tamed(event.company, kTitleLimit))},
          {"anio_fiscal", event.fiscal_year == 0 ? Json(nullptr) : Json(event.fiscal_year)},
          {"servidor", text_or_null(Tamed(event.server, kTitleLimit))},
          {"titulo", title},
          {"detalle", Tamed(event.detail, kDetailLimit)}};
}

std::string TextAt(const Json& json, const char* key) {
  return json.at(key).is_null() ? "" : json.at(key).get<std::string>();
}

}  // namespace

std::string ToNoticeJson(const Told& told) { return ToJson(told).dump(); }

Told FromNoticeJson(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Told told;
    told.time = ParseTime(json.at("fecha").get<std::string>()).value();
    told.ended = json.at("estado") == "terminado";
    told.event = {.topic = ParseTopic(json.at("aviso").get<std::string>()),
                  .subject = TextAt(json, "sobre"),
                  .level = json.at("nivel").get<int>(),
                  .company = TextAt(json, "empresa"),
                  .fiscal_year = json.at("anio_fiscal").is_null() ? 0 : json.at("anio_fiscal").get<int>(),
                  .server = TextAt(json, "servidor"),
                  .title = TextAt(json, "titulo"),
                  .detail = TextAt(json, "detalle")};
    return told;
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kCorrupt,
                std::string("a message that waits in the catalogue can't be read: ") + error.what());
  }
}

std::string WebhookBody(std::span<const Told> told, const std::string& text) {
  Json list = Json::array();
  for (const Told& one : told) list.push_back(ToJson(one));
  return Json{{"texto", text}, {"avisos", list}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ChatBody(const std::string& text) {
  return Json{{"text", text}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cofre::service
