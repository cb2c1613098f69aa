#include "base/error.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace cofre {

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTransient:
      return "transient";
    case ErrorKind::kPermanent:
      return "permanent";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kAuth:
      return "auth";
    case ErrorKind::kQuota:
      return "quota";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kUsage:
      return "usage";
  }
  return "unknown";
}

Error::Error(ErrorKind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

Error& Error::WithRetryAfter(std::chrono::milliseconds pause) {
  retry_after_ = pause;
  return *this;
}

Error Error::In(std::string_view context) const {
  Error wrapped(kind_, std::string(context) + ": " + what(), hint_);
  wrapped.retry_after_ = retry_after_;
  return wrapped;
}

std::string WithHint(const Error& error) {
  std::string text = error.what();
  if (!error.hint().empty()) text += " (" + error.hint() + ")";
  return text;
}

Error SystemError(int error_number, std::string_view what) {
  const std::string message = std::string(what) + ": " + std::generic_category().message(error_number);
  switch (error_number) {
    case ENOENT:
      return {ErrorKind::kNotFound, message};
    case EACCES:
    case EPERM:
      return {ErrorKind::kPermanent, message, "give the user that runs cofre access to it"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorKind::kPermanent, message, "free some space or name another folder"};
    case EINTR:
    case EAGAIN:
      return {ErrorKind::kTransient, message};
    default:
      return {ErrorKind::kPermanent, message};
  }
}

}  // namespace cofre
