#include "service/config_api.h"

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "model/validate.h"
#include "service/config_document.h"

namespace cofre::service {
namespace {

constexpr std::string_view kApi = "api";
constexpr size_t kMostProxies = 100;

void TakeLine(ConfigDocument& document, std::string_view key, const std::function<void(const std::string&)>& use) {
  document.TakeText(kApi, key, [&](const std::string& value) {
    RequireValidText("the value", value);
    if (value.empty()) throw Error(ErrorKind::kUsage, "the value is empty", "write one, or leave the key out");
    use(value);
  });
}

}  // namespace

ApiConfig TakeApi(ConfigDocument& document, const std::string& folder) {
  ApiConfig api;
  TakeLine(document, "escucha", [&](const std::string& value) { api.listen = value; });
  const auto take_path = [&](std::string_view key, std::string& path) {
    TakeLine(document, key, [&](const std::string& value) {
      path = (std::filesystem::path(folder) / value).lexically_normal().string();
    });
  };
  take_path("certificado", api.certificate);
  take_path("clave_privada", api.private_key);
  document.TakeTexts(kApi, "proxies", kMostProxies, [&](const std::vector<std::string>& values) {
    for (const std::string& value : values) RequireValidText("the address", value);
    api.proxies = values;
  });
  if (document.Has(kApi, "certificado") != document.Has(kApi, "clave_privada")) {
    const std::string_view there = document.Has(kApi, "certificado") ? "certificado" : "clave_privada";
    document.AddProblem(kApi, there, "api.certificado and api.clave_privada come together",
                        "give both for TLS, or neither");
  }
  return api;
}

}  // namespace cofre::service
