#pragma once

// Sends links by e-mail, one after the other, from a thread of its own: no request waits for a mail server.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "catalogue/accounts.h"
#include "service/wiring.h"

namespace cofre::api {

struct LinkMail {
  int64_t link = 0;
  std::string to;
  std::string subject;
  std::string text;  // holds the URL: it is kept in memory alone, and never logged
};

class LinkMailer {
 public:
  // The references outlive it. What another process has not sent is marked as failed.
  LinkMailer(catalogue::Accounts& accounts, std::function<std::shared_ptr<service::Wiring>()> wiring, Clock& clock);

  // Throws Refusal unavailable where too many wait.
  void RequireRoom();
  // What becomes of it stands on the link.
  void Send(LinkMail mail);

 private:
  void Run(const std::stop_token& stop);
  void SendOne(const LinkMail& mail, const std::stop_token& stop);

  catalogue::Accounts& accounts_;
  const std::function<std::shared_ptr<service::Wiring>()> wiring_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<LinkMail> waiting_;
  std::jthread thread_;
};

}  // namespace cofre::api
