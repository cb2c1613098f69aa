#pragma once

// Sends a message to a mail server over libcurl's smtp:// and smtps://.

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace cofre::io {

enum class SmtpSecurity : uint8_t {
  kStartTls,  // in the clear until the server has changed to TLS; one that does not is refused
  kTls,       // from the first byte
  kNone,
};

struct SmtpServer {
  std::string host;
  uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::kStartTls;
  std::string user;  // empty: no login; not with kNone
  Secret password;
  std::string ca_file;  // PEM; empty: the system's authorities
  std::chrono::milliseconds connect_timeout{15000};
  std::chrono::milliseconds total_timeout{60000};
};

struct Mail {
  std::string from;  // addresses: "cofre@example.com"
  std::vector<std::string> to;
  std::string subject;
  std::string text;  // UTF-8, lines end in '\n'
  TimePoint date{};
  std::string message_id;  // without the angle brackets
};

// Whether it can stand between angle brackets: one '@', something on both sides, no blanks, controls or brackets.
bool IsMailAddress(std::string_view text);

// The message as it goes over the wire (RFC 5322, lines end in "\r\n"): subject in RFC 2047's encoding where it needs
// one, text in base64. Nothing in it can add a header: control characters become blanks.
std::string FormatMail(const Mail& mail);

// Returns once the server has taken the message for all receivers. Throws transient (no connection, 4xx), auth (login
// refused), permanent (5xx, certificate, no STARTTLS), usage (bad address, a password without TLS), cancelled at once
// when `stop` is requested. A message whose sending failed half way may have been taken all the same.
void SendMail(const SmtpServer& server, const Mail& mail, const std::stop_token& stop);

}  // namespace cofre::io
