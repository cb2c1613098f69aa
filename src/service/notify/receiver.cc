#include "service/notify/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "io/http_client.h"
#include "service/mail_sender.h"
#include "service/notify/notice_json.h"
#include "service/notify/receiver_url.h"

namespace cofre::service {
namespace {

constexpr size_t kMostInMail = 200;
constexpr size_t kMostInChat = 20;
constexpr uint64_t kAnswerLimit = 64 * 1024;
// Slow but alive is fine, for ever is not.
constexpr int kTotalFactor = 4;

bool Contains(const std::vector<Topic>& topics, Topic topic) {
  return std::ranges::find(topics, topic) != topics.end();
}

class MailReceiver : public Receiver {
 public:
  MailReceiver(MailConfig config, const NotifyConfig& notify, Clock& clock)
      : config_(std::move(config)),
        answer_(notify.answer),
        zone_(planner::TimeZone::Find(notify.time_zone)),
        clock_(clock) {}

  const std::string& name() const override { return name_; }
  bool Wants(Topic topic) const override { return Contains(config_.topics, topic); }

  void Send(std::span<const Told> told, const std::stop_token& stop) override {
    SendMailTo(config_, answer_, config_.to, SubjectLine(told), PlainText(told, zone_, kMostInMail), clock_, stop);
  }

 private:
  const std::string name_ = "correo";
  const MailConfig config_;
  const std::chrono::seconds answer_;
  const planner::TimeZone zone_;
  Clock& clock_;
};

io::HttpOptions Options(const std::string& ca_file, std::chrono::seconds answer) {
  return {.ca_file = ca_file,
          .connect_timeout = answer,
          .stall_timeout = answer,
          .total_timeout = kTotalFactor * answer,
          .max_connections = 1};
}

// The answer of a URL whose path is a secret: messages name only its scheme and host.
void RequireTaken(const io::HttpResponse& response, const std::string& url) {
  if (response.status / 100 == 2) return;
  const std::string origin = url.substr(0, url.find_first_of("/?#", url.find("://") + 3));
  const std::string message = fmt::format("{} answered with HTTP status {}", origin, response.status);
  if (response.status == 401 || response.status == 403) {
    throw Error(ErrorKind::kAuth, message, "check the URL and the token's file");
  }
  const bool passes = response.status == 408 || response.status == 429 || response.status >= 500;
  throw Error(passes ? ErrorKind::kTransient : ErrorKind::kPermanent, message,
              passes ? "" : "check the URL: redirects are not followed");
}

class WebhookReceiver : public Receiver {
 public:
  WebhookReceiver(WebhookConfig config, const NotifyConfig& notify)
      : name_("webhook " + config.name),
        config_(std::move(config)),
        answer_(notify.answer),
        zone_(planner::TimeZone::Find(notify.time_zone)) {}

  const std::string& name() const override { return name_; }
  bool Wants(Topic topic) const override { return Contains(config_.topics, topic); }

  void Send(std::span<const Told> told, const std::stop_token& stop) override {
    const std::string url = Resolve(config_.url);
    const std::string text = SubjectLine(told) + "\n" + PlainText(told, zone_, kMostInChat);
    const std::string body = config_.format == WebhookFormat::kChat ? ChatBody(text) : WebhookBody(told, text);
    io::HttpRequest request{.method = "POST", .url = url, .body = AsBytes(body), .response_limit = kAnswerLimit};
    request.headers.push_back({.name = "Content-Type", .value = "application/json"});
    Secret token;
    if (!config_.token_file.empty()) {
      token = ReadSecretFile(config_.token_file);
      request.headers.push_back({.name = "Authorization", .value = "Bearer " + std::string(Trimmed(token.Reveal()))});
    }
    RequireTaken(io::HttpClient(Options(config_.ca_file, answer_)).Send(request, stop), url);
  }

 private:
  const std::string name_;
  const WebhookConfig config_;
  const std::chrono::seconds answer_;
  const planner::TimeZone zone_;
};

}  // namespace

std::vector<std::unique_ptr<Receiver>> MakeReceivers(const NotifyConfig& config, Clock& clock) {
  std::vector<std::unique_ptr<Receiver>> receivers;
  if (config.mail) receivers.push_back(std::make_unique<MailReceiver>(*config.mail, config, clock));
  for (const WebhookConfig& webhook : config.webhooks) {
    receivers.push_back(std::make_unique<WebhookReceiver>(webhook, config));
  }
  return receivers;
}

void SendHeartbeat(const HeartbeatConfig& heartbeat, std::chrono::seconds answer, const std::stop_token& stop) {
  const std::string url = Resolve(heartbeat.url);
  io::HttpClient client(Options(heartbeat.ca_file, answer));
  RequireTaken(client.Send({.method = "GET", .url = url, .response_limit = kAnswerLimit}, stop), url);
}

}  // namespace cofre::service
