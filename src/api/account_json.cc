#include "api/account_json.h"

#include <nlohmann/json.hpp>

namespace cofre::api {
namespace {

// What was stored as JSON; as text where it was cut.
Json Stored(const std::string& text) {
  if (text.empty()) return nullptr;
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(text) : json;
}

}  // namespace

Json ToJson(const User& user) {
  return {{"usuario", user.name},
          {"rol", RoleName(user.role)},
          {"empresas", user.companies},
          {"habilitado", user.enabled},
          {"dos_factores", user.second_factor},
          {"creado", FormatTime(user.created)},
          {"cambiado", FormatTime(user.changed)},
          {"ultimo_ingreso", TimeOrNull(user.signed_in)}};
}

Json ToJson(const ApiToken& token) {
  return {{"token", token.id},
          {"nombre", token.name},
          {"usuario", token.user},
          {"alcance", ScopeName(token.scope)},
          {"creado", FormatTime(token.created)},
          {"vence", FormatTime(token.expires)},
          {"usado", TimeOrNull(token.used)},
          {"revocado", TimeOrNull(token.revoked)}};
}

Json ToJson(const AuditEntry& entry) {
  return {{"id", entry.id},          {"fecha", FormatTime(entry.time)},        {"usuario", TextOrNull(entry.user)},
          {"medio", entry.way},      {"direccion", TextOrNull(entry.address)}, {"accion", entry.action},
          {"sujeto", entry.subject}, {"antes", Stored(entry.before)},          {"despues", Stored(entry.after)}};
}

}  // namespace cofre::api
