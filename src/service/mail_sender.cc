#include "service/mail_sender.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "io/smtp.h"

namespace cofre::service {
namespace {

// Slow but alive is fine, for ever is not.
constexpr int kTotalFactor = 4;

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

io::SmtpSecurity SecurityOf(const MailConfig& config) {
  if (config.security == MailSecurity::kTls) return io::SmtpSecurity::kTls;
  return config.security == MailSecurity::kNone ? io::SmtpSecurity::kNone : io::SmtpSecurity::kStartTls;
}

}  // namespace

void SendMailTo(const MailConfig& config, std::chrono::seconds answer, const std::vector<std::string>& to,
                const std::string& subject, const std::string& text, Clock& clock, const std::stop_token& stop) {
  io::SmtpServer server{.host = config.host,
                        .port = config.port,
                        .security = SecurityOf(config),
                        .user = config.user,
                        .ca_file = config.ca_file,
                        .connect_timeout = answer,
                        .total_timeout = kTotalFactor * answer};
  if (!config.password_file.empty()) server.password = ReadSecretFile(config.password_file);
  Bytes random(16);
  SystemRandom().Fill(random);
  const std::string host = HostName();
  io::SendMail(server,
               {.from = config.from,
                .to = to,
                .subject = subject,
                .text = text + fmt::format("\n-- \nCofre, {}\n", host),
                .date = clock.Now(),
                .message_id = fmt::format("{}@{}", HexEncode(random), host)},
               stop);
}

}  // namespace cofre::service
