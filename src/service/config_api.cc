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

// Without the '/' at its end. What stands in an e-mail must lead where it says: no user, query or fragment.
std::string ParsePublicUrl(const std::string& value) {
  std::string url = value;
  while (url.ends_with('/')) url.pop_back();
  const size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : std::string::npos;
  const bool fits =
      scheme != std::string::npos && url.size() > scheme && url.find_first_of(" @?#\\\"<>'") == std::string::npos;
  if (fits) return url;
  throw Error(ErrorKind::kUsage, "the value is no address of a web server", "as in \"https://cofre.example.com\"");
}

}  // namespace

ApiConfig TakeApi(ConfigDocument& document, const std::string& folder, const std::string& state_directory) {
  ApiConfig api;
  api.databases_folder = (std::filesystem::path(state_directory) / "descargas").string();
  TakeLine(document, "escucha", [&](const std::string& value) { api.listen = value; });
  const auto take_path = [&](std::string_view key, std::string& path) {
    TakeLine(document, key, [&](const std::string& value) {
      path = (std::filesystem::path(folder) / value).lexically_normal().string();
    });
  };
  take_path("certificado", api.certificate);
  take_path("clave_privada", api.private_key);
  take_path("carpeta_bases", api.databases_folder);
  TakeLine(document, "url", [&](const std::string& value) { api.public_url = ParsePublicUrl(value); });
  document.TakeInteger(kApi, "descargas", 1, 64, [&](int64_t value) { api.downloads = static_cast<uint32_t>(value); });
  document.TakeInteger(kApi, "bases_horas", 1, 24 * 30,
                       [&](int64_t value) { api.keep_databases = std::chrono::hours(value); });
  document.TakeInteger(kApi, "bases_gb", 1, 1 << 20,
                       [&](int64_t value) { api.databases_limit_bytes = static_cast<uint64_t>(value) << 30; });
  document.TakeInteger(kApi, "bases_cantidad", 1, 1000,
                       [&](int64_t value) { api.databases_limit = static_cast<uint32_t>(value); });
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
