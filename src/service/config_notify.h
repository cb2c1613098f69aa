#pragma once

// The part of the configuration about being seen: [avisos], [correo], [[webhook]], [latido], [metricas].

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/event.h"

namespace cofre::service {

class ConfigDocument;

enum class MailSecurity : uint8_t { kStartTls, kTls, kNone };

// A URL that is one itself, or the name of a file (base/secret.h) that holds it, where the URL is the secret.
struct ReceiverUrl {
  std::string url;
  std::string file;
};

struct MailConfig {
  std::string host;                                 // servidor
  uint16_t port = 0;                                // puerto; 0: 587, 465 with tls, 25 with ninguna
  MailSecurity security = MailSecurity::kStartTls;  // seguridad: starttls, tls, ninguna
  std::string user;                                 // usuario; comes together with the next
  std::string password_file;                        // archivo_clave
  std::string ca_file;                              // archivo_ca; empty: the system's certificates
  std::string from;                                 // de
  std::vector<std::string> to;                      // para
  std::vector<Topic> topics;                        // avisos; all unless said
};

enum class WebhookFormat : uint8_t { kJson, kChat };

struct WebhookConfig {
  std::string name;                             // nombre
  ReceiverUrl url;                              // url, archivo_url
  WebhookFormat format = WebhookFormat::kJson;  // formato: json, chat
  std::string token_file;                       // archivo_token: sent as "Authorization: Bearer"
  std::string ca_file;                          // archivo_ca
  std::vector<Topic> topics;                    // avisos
};

struct HeartbeatConfig {
  ReceiverUrl url;                 // url, archivo_url
  std::chrono::seconds every{60};  // cada_segundos
  std::string ca_file;             // archivo_ca
};

struct NotifyConfig {
  std::optional<MailConfig> mail;            // [correo]
  std::vector<WebhookConfig> webhooks;       // [[webhook]]
  std::optional<HeartbeatConfig> heartbeat;  // [latido]

  std::string time_zone = "UTC";  // zona_horaria of the configuration: for times in messages

  // [avisos]
  std::chrono::seconds gather{60};                      // agrupar_segundos
  std::chrono::seconds answer{15};                      // espera_segundos: how long a receiver may be silent
  SpaceLevels space;                                    // espacio_alto_porcentaje, espacio_lleno_porcentaje
  std::chrono::hours late_after{26};                    // atraso_horas: of the current fiscal year
  std::chrono::hours late_after_closed{35 * 24};        // atraso_dias_cerrado
  std::optional<std::chrono::minutes> summary{7 * 60};  // hora_resumen, "" for none
};

struct MetricsConfig {
  std::string listen;        // escucha: "127.0.0.1:9187"; empty: none
  bool per_company = false;  // por_empresa: the age of each company's newest backup as a series of its own
};

// Takes the sections out of the document. `folder` is what relative paths are relative to.
struct SeeingConfig {
  NotifyConfig notify;
  MetricsConfig metrics;
};
SeeingConfig TakeSeeing(ConfigDocument& document, const std::string& folder);

}  // namespace cofre::service
