#include "service/config_notify.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "io/smtp.h"
#include "model/company.h"
#include "model/validate.h"
#include "service/config_document.h"
#include "service/notify/receiver_url.h"

namespace cofre::service {
namespace {

constexpr size_t kMaxReceivers = 50;
constexpr size_t kMaxWebhooks = 16;
constexpr int64_t kLongestSeconds = 24 * 3600;

// One section, with its keys' usual kinds of value.
class Section {
 public:
  Section(ConfigDocument& document, std::string name, const std::string& folder)
      : document_(document), name_(std::move(name)), folder_(folder) {}

  void Line(std::string_view key, const std::function<void(const std::string&)>& use) {
    document_.TakeText(name_, key, [&](const std::string& value) {
      RequireValidText("the value", value);
      if (Trimmed(value).empty())
        throw Error(ErrorKind::kUsage, "the value is empty", "write one, or leave the key out");
      use(value);
    });
  }
  void Line(std::string_view key, std::string& text) {
    Line(key, [&](const std::string& value) { text = value; });
  }
  void Path(std::string_view key, std::string& path) {
    Line(key, [&](const std::string& value) {
      path = (std::filesystem::path(folder_) / value).lexically_normal().string();
    });
  }
  template <typename Value>
  void Number(std::string_view key, int64_t least, int64_t most, Value& number) {
    document_.TakeInteger(name_, key, least, most, [&](int64_t value) { number = Value(value); });
  }
  void Topics(std::vector<Topic>& topics) {
    topics.assign(std::begin(kTopics), std::end(kTopics));
    document_.TakeTexts(name_, "avisos", std::size(kTopics), [&](const std::vector<std::string>& names) {
      topics.clear();
      std::ranges::transform(names, std::back_inserter(topics), ParseTopic);
    });
  }
  void Url(ReceiverUrl& url) {
    Line("url", [&](const std::string& value) {
      RequireReceiverUrl(value);
      url.url = value;
    });
    Path("archivo_url", url.file);
    if (document_.Has(name_, "url") == document_.Has(name_, "archivo_url")) {
      Problem("url", "one of url and archivo_url is needed",
              "a URL that is itself a secret stands in a file of mode 0600, which archivo_url names");
    }
  }

  bool Has(std::string_view key) const { return document_.Has(name_, key); }
  void Problem(std::string_view key, const std::string& message, const std::string& hint) {
    document_.AddProblem(name_, key, message, hint);
  }
  void Require(std::string_view key, std::string_view example) {
    if (Has(key)) return;
    Problem(key, fmt::format("the key {} is missing in [{}]", key, name_.substr(0, name_.find('#'))),
            fmt::format("add a line such as: {} = {}", key, example));
  }
  ConfigDocument& document() { return document_; }
  const std::string& name() const { return name_; }

 private:
  ConfigDocument& document_;
  std::string name_;
  const std::string& folder_;
};

// One of the words, each with what it means.
template <typename Value>
Value Choose(const std::string& word, std::initializer_list<std::pair<std::string_view, Value>> choices) {
  std::string known;
  for (const auto& [name, value] : choices) {
    if (name == word) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("{} is not one of {}", Quoted(word), known));
}

std::string MailAddress(const std::string& value) {
  if (!io::IsMailAddress(value)) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is not a mail address", Quoted(value)),
                "write one such as cofre@example.com, without a name");
  }
  return value;
}

void TakeMail(Section section, std::optional<MailConfig>& mail) {
  MailConfig config;
  section.Line("servidor", config.host);
  section.Line("seguridad", [&](const std::string& value) {
    config.security = Choose<MailSecurity>(
        value, {{"starttls", MailSecurity::kStartTls}, {"tls", MailSecurity::kTls}, {"ninguna", MailSecurity::kNone}});
  });
  config.port = config.security == MailSecurity::kTls ? 465 : config.security == MailSecurity::kNone ? 25 : 587;
  section.Number("puerto", 1, 65535, config.port);
  section.Line("usuario", config.user);
  section.Path("archivo_clave", config.password_file);
  section.Path("archivo_ca", config.ca_file);
  section.Line("de", [&](const std::string& value) { config.from = MailAddress(value); });
  section.document().TakeTexts(section.name(), "para", kMaxReceivers, [&](const std::vector<std::string>& addresses) {
    if (addresses.empty()) throw Error(ErrorKind::kUsage, "nobody is named", "write para = [\"ana@example.com\"]");
    std::ranges::transform(addresses, std::back_inserter(config.to), MailAddress);
  });
  section.Topics(config.topics);
  // Nothing of it is written: no mail. Every key but these has a default.
  if (!section.Has("servidor") && !section.Has("de") && !section.Has("para")) return;
  section.Require("servidor", "\"smtp.example.com\"");
  section.Require("de", "\"cofre@example.com\"");
  section.Require("para", "[\"ana@example.com\"]");
  if (section.Has("usuario") != section.Has("archivo_clave")) {
    section.Problem(section.Has("usuario") ? "usuario" : "archivo_clave", "usuario and archivo_clave come together",
                    "write both, or neither where the server wants no login");
  }
  if (section.Has("usuario") && config.security == MailSecurity::kNone) {
    section.Problem("seguridad", "a password is not sent without TLS", "use \"starttls\" or \"tls\"");
  }
  mail = std::move(config);
}

void TakeWebhook(Section section, size_t number, std::vector<WebhookConfig>& webhooks) {
  WebhookConfig config{.name = std::to_string(number)};
  section.Line("nombre", [&](const std::string& value) {
    const bool taken = std::ranges::any_of(webhooks, [&](const WebhookConfig& other) { return other.name == value; });
    if (taken) throw Error(ErrorKind::kUsage, "another webhook has that name");
    config.name = value;
  });
  section.Url(config.url);
  section.Line("formato", [&](const std::string& value) {
    config.format = Choose<WebhookFormat>(value, {{"json", WebhookFormat::kJson}, {"chat", WebhookFormat::kChat}});
  });
  section.Path("archivo_token", config.token_file);
  section.Path("archivo_ca", config.ca_file);
  section.Topics(config.topics);
  webhooks.push_back(std::move(config));
}

void TakeHeartbeat(Section section, std::optional<HeartbeatConfig>& heartbeat) {
  HeartbeatConfig config;
  section.Number("cada_segundos", 10, kLongestSeconds, config.every);
  section.Path("archivo_ca", config.ca_file);
  if (!section.Has("url") && !section.Has("archivo_url")) {
    // Asked for all the same, so that they are known.
    section.document().TakeText(section.name(), "url", [](const std::string&) {});
    section.document().TakeText(section.name(), "archivo_url", [](const std::string&) {});
    return;
  }
  section.Url(config.url);
  heartbeat = std::move(config);
}

void TakeAlerts(Section section, NotifyConfig& config) {
  section.Number("agrupar_segundos", 0, 3600, config.gather);
  section.Number("espera_segundos", 1, 300, config.answer);
  section.Number("espacio_alto_porcentaje", 1, 100, config.space.high);
  section.Number("espacio_lleno_porcentaje", 1, 100, config.space.full);
  section.Number("atraso_horas", 1, 24 * 366, config.late_after);
  section.document().TakeInteger(section.name(), "atraso_dias_cerrado", 1, 3660,
                                 [&](int64_t days) { config.late_after_closed = std::chrono::hours(24 * days); });
  section.document().TakeText(section.name(), "hora_resumen", [&](const std::string& value) {
    config.summary.reset();
    if (!value.empty()) config.summary = ParseBackupTime(value);
  });
  if (config.space.high > config.space.full) {
    section.Problem("espacio_alto_porcentaje", "espacio_alto_porcentaje is above espacio_lleno_porcentaje",
                    "the first warning comes before the second: 80 and 95");
  }
}

void TakeMetrics(Section section, MetricsConfig& config) {
  section.Line("escucha", [&](const std::string& value) {
    const size_t colon = value.rfind(':');
    const std::string port = colon == std::string::npos ? "" : value.substr(colon + 1);
    const bool is_port = !port.empty() && port.size() <= 5 &&
                         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
                         std::stoi(port) >= 1 && std::stoi(port) <= 65535;
    const bool is_host =
        colon > 0 && colon != std::string::npos && value.find_first_not_of("0123456789abcdefABCDEF.:[]") >= colon;
    if (!is_port || !is_host) {
      throw Error(ErrorKind::kUsage, fmt::format("{} is not an address and a port", Quoted(value)),
                  "write \"127.0.0.1:9187\"; \"0.0.0.0:9187\" is for everyone who reaches this machine");
    }
    config.listen = value;
  });
  section.document().TakeFlag(section.name(), "por_empresa", [&](bool value) { config.per_company = value; });
}

}  // namespace

SeeingConfig TakeSeeing(ConfigDocument& document, const std::string& folder) {
  SeeingConfig config;
  TakeAlerts(Section(document, "avisos", folder), config.notify);
  TakeMail(Section(document, "correo", folder), config.notify.mail);
  size_t number = 0;
  for (const std::string& name : document.TakeSections("webhook", kMaxWebhooks)) {
    TakeWebhook(Section(document, name, folder), ++number, config.notify.webhooks);
  }
  TakeHeartbeat(Section(document, "latido", folder), config.notify.heartbeat);
  TakeMetrics(Section(document, "metricas", folder), config.metrics);
  return config;
}

}  // namespace cofre::service
