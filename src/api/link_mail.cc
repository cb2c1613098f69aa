#include "api/link_mail.h"

#include <utility>

#include "api/problem.h"
#include "base/error.h"
#include "base/log.h"
#include "service/mail_sender.h"

namespace cofre::api {
namespace {

constexpr size_t kMostWaiting = 100;

}  // namespace

LinkMailer::LinkMailer(catalogue::Accounts& accounts, std::function<std::shared_ptr<service::Wiring>()> wiring,
                       Clock& clock)
    : accounts_(accounts), wiring_(std::move(wiring)), clock_(clock) {
  accounts_.FailPendingLinkMails("the service ended before it was sent");
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void LinkMailer::RequireRoom() {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kMostWaiting) return;
  throw Refusal("unavailable", "too many e-mails wait to be sent", "the mail server is slow, or does not answer");
}

void LinkMailer::Send(LinkMail mail) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(mail));
  changed_.notify_one();
}

void LinkMailer::Run(const std::stop_token& stop) {
  while (true) {
    LinkMail mail;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      mail = std::move(waiting_.front());
      waiting_.pop_front();
    }
    SendOne(mail, stop);
  }
}

void LinkMailer::SendOne(const LinkMail& mail, const std::stop_token& stop) {
  std::string problem;
  try {
    const auto wiring = wiring_();
    const service::NotifyConfig& config = wiring->config().notify;
    if (!config.mail) throw Error(ErrorKind::kUsage, "[correo] is no longer in the configuration");
    service::SendMailTo(*config.mail, config.answer, {mail.to}, mail.subject, mail.text, clock_, stop);
  } catch (const Error& error) {
    problem = WithHint(error);
    Log(LogLevel::kWarning, "link_not_sent", {{"link", std::to_string(mail.link)}, {"error", error.what()}});
  }
  try {
    accounts_.MarkLinkMail(mail.link, problem.empty() ? "sent" : "failed", problem);
  } catch (const Error& error) {
    Log(LogLevel::kError, "link_not_marked", {{"link", std::to_string(mail.link)}, {"error", error.what()}});
  }
}

}  // namespace cofre::api
