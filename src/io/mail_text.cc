#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "base/bytes.h"
#include "base/utf8.h"
#include "io/smtp.h"

namespace cofre::io {
namespace {

constexpr size_t kMaxAddressBytes = 254;  // RFC 5321
constexpr size_t kMaxSubjectBytes = 500;
constexpr size_t kMaxTextBytes = size_t{256} * 1024;
constexpr size_t kLineOfBase64 = 76;
// An encoded word is at most 75 characters long, so that 45 bytes fit between "=?UTF-8?B?" and "?=".
constexpr size_t kBytesOfEncodedWord = 45;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// One line of valid UTF-8.
std::string OneLine(std::string_view text) {
  std::string line = ToValidUtf8(text, kMaxSubjectBytes);
  std::ranges::replace_if(line, IsControl, ' ');
  return line;
}

// How many bytes of the beginning fit into `most` without cutting a character of valid UTF-8.
size_t WholeCharacters(std::string_view text, size_t most) {
  if (text.size() <= most) return text.size();
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

std::string EncodedWords(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const size_t length = WholeCharacters(text, kBytesOfEncodedWord);
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + Base64Encode(AsBytes(text.substr(0, length))) + "?=";
    text.remove_prefix(length);
  }
  return words;
}

// ASCII that fits into one line goes as it is.
std::string EncodedSubject(const std::string& subject) {
  const std::string line = OneLine(subject);
  const bool plain = line.size() <= kBytesOfEncodedWord && line.find("=?") == std::string::npos &&
                     std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return plain ? line : EncodedWords(line);
}

// "Tue, 24 Nov 2026 13:05:00 +0000".
std::string MailDate(TimePoint time) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays.at(std::chrono::weekday(day).c_encoding()),
                     static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string Joined(const std::vector<std::string>& addresses) {
  std::string line;
  for (const std::string& address : addresses) line += (line.empty() ? "" : ",\r\n ") + address;
  return line;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  return text.size() <= kMaxAddressBytes && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.front() != '-' &&
         text.find_first_of(" <>()[]\\,;:\"") == std::string_view::npos && std::ranges::none_of(text, IsControl) &&
         std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string FormatMail(const Mail& mail) {
  std::string message;
  const auto header = [&](std::string_view name, const std::string& value) {
    message += fmt::format("{}: {}\r\n", name, value);
  };
  header("Date", MailDate(mail.date));
  header("From", mail.from);
  header("To", Joined(mail.to));
  header("Subject", EncodedSubject(mail.subject));
  header("Message-ID", "<" + OneLine(mail.message_id) + ">");
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "base64");
  header("Auto-Submitted", "auto-generated");  // RFC 3834: no answer of an absent person, please
  message += "\r\n";

  std::string text;
  for (const char c : ToValidUtf8(mail.text, kMaxTextBytes)) {
    if (c == '\n') text += '\r';
    text += c;
  }
  const std::string encoded = Base64Encode(AsBytes(text));
  for (size_t at = 0; at < encoded.size(); at += kLineOfBase64) message += encoded.substr(at, kLineOfBase64) + "\r\n";
  return message;
}

}  // namespace cofre::io
