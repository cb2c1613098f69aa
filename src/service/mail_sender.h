#pragma once

// An e-mail over the mail server of [correo].

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/config_notify.h"

namespace cofre::service {

// Returns once the server has taken it for all of `to`. `answer`: how long it may be silent. Reads the password's file
// anew each time. Throws what io::SendMail throws.
void SendMailTo(const MailConfig& config, std::chrono::seconds answer, const std::vector<std::string>& to,
                const std::string& subject, const std::string& text, Clock& clock, const std::stop_token& stop);

}  // namespace cofre::service
