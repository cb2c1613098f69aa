#pragma once

// The one error type of Cofre. A function either does what its name says or throws Error.
// Whoever decides what to do next (retry, exit code, alert) looks at the kind, never at the text.

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cofre {

enum class ErrorKind : uint8_t {
  kTransient,  // may work if tried again as it is: a broken connection, a busy server
  kPermanent,  // will fail again until somebody changes something: a full disk, a missing program
  kNotFound,   // the thing named does not exist
  kAuth,       // credentials missing or refused; also a clock too far off for a signature
  kQuota,      // a company's space limit
  kCorrupt,    // stored or received bytes are not what they must be
  kCancelled,  // somebody asked for the end
  kUsage,      // the caller's words are off: an unknown option, a year of five digits
};

// "transient", "permanent", "not_found", ... : the word for logs and JSON.
std::string_view ErrorKindName(ErrorKind kind);

// `what()` says what was wrong and with what, in one line and without secrets. `hint()` says what to do, or is empty.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string hint = "");

  ErrorKind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }

  // How long the other side asked us to wait before another try (HTTP's Retry-After), if it did.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  Error& WithRetryAfter(std::chrono::milliseconds pause);

  // The same error with "context: " before its message.
  Error In(std::string_view context) const;

 private:
  ErrorKind kind_;
  std::string hint_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

// "message (hint)": where there is one line for both.
std::string WithHint(const Error& error);

// The error for a failed system call: "cannot open /x: Permission denied". Kind from errno: ENOENT is not_found,
// EACCES and EPERM are permanent (a hint says which), EINTR and EAGAIN are transient, the rest is permanent.
Error SystemError(int error_number, std::string_view what);

}  // namespace cofre
