#include "api/server_settings.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/problem.h"
#include "base/text.h"

namespace cofre::api {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kMostConcurrent = 1000;

// Cofre's own: a credential of systemd is found by its name alone, wherever the path leads.
bool IsNamedAsOneOfOurs(const service::Config& config, const fs::path& file) {
  std::vector<std::string> ours{config.master_key_file, config.s3.secret_key_file, config.api.private_key};
  if (config.notify.mail) ours.push_back(config.notify.mail->password_file);
  for (const service::WebhookConfig& hook : config.notify.webhooks) {
    ours.push_back(hook.url.file);
    ours.push_back(hook.token_file);
  }
  if (config.notify.heartbeat) ours.push_back(config.notify.heartbeat->url.file);
  return std::ranges::any_of(ours, [&](const std::string& one) { return fs::path(one).filename() == file.filename(); });
}

// Its content is used to sign in wherever the server is said to be, so not just any file of the machine: only those
// that somebody who may write there has named so (docs/security.md).
void RequirePasswordFile(Services& services, const std::string& file) {
  const auto wiring = services.wiring();
  const fs::path path(file);
  const fs::path folder = fs::path(wiring->config().file).parent_path();
  const bool is_named_so = path.parent_path() == folder && path.extension() == ".password" && !path.stem().empty();
  if (is_named_so && !IsNamedAsOneOfOurs(wiring->config(), path)) return;
  for (const Server& server : services.catalogue->ListServers()) {
    if (server.password_file == file) return;
  }
  throw Refusal("invalid", "archivo_clave " + Quoted(file) + " may not be named here",
                "a file NAME.password in " + folder.string() +
                    ", made on the machine of the service; others with cofre server set --password-file");
}

// A name or an address and nothing that a tool would read as more than that.
void RequireHost(const std::string& host) {
  static constexpr std::string_view kGood = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
  if (host.size() <= 253 && !host.starts_with('-') && host.find_first_not_of(kGood) == std::string::npos) return;
  throw Refusal("invalid", "host " + Quoted(host) + " is no name and no address of a host",
                "as in 10.0.0.5, srv1.example.com or fd00::5; null for this machine");
}

template <typename Number>
void TakeNumber(Body& body, const std::string& key, double least, double most, Number& number) {
  const auto given = body.TakeNumber(key);
  if (!given) return;
  if (*given < least || *given > most || *given != static_cast<Number>(*given)) {
    throw Refusal("invalid", key + " is out of range");
  }
  number = static_cast<Number>(*given);
}

// Whoever registers its databases runs programs, or reads files, as the service does.
bool IsForThisMachineAlone(Engine engine) { return engine == Engine::kCommand || IsFolder(engine); }

}  // namespace

void ApplyServerSettings(Services& services, Body& body, Server& server) {
  if (const auto engine = body.TakeText("motor")) {
    const Engine wanted = ParseEngine(*engine);
    if (wanted != server.engine && (IsForThisMachineAlone(wanted) || IsForThisMachineAlone(server.engine))) {
      throw Refusal("invalid",
                    "servers whose databases are the output of programs, or folders of files, are not made here",
                    "on the machine of the service: cofre server add NAME --engine command, or folder");
    }
    server.engine = wanted;
  }
  if (const auto host = body.TakeNullableText("host")) {
    RequireHost(*host);
    server.host = *host;
  }
  if (body.Has("puerto") && !body.HasValue("puerto")) server.port = 0;
  TakeNumber(body, "puerto", 0, 65535, server.port);
  if (const auto user = body.TakeNullableText("usuario")) server.user = *user;
  if (const auto file = body.TakeNullableText("archivo_clave")) {
    if (!file->empty() && *file != server.password_file) RequirePasswordFile(services, *file);
    server.password_file = *file;
  }
  TakeNumber(body, "maximo_simultaneo", 1, kMostConcurrent, server.max_concurrent);
}

}  // namespace cofre::api
