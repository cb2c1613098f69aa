#pragma once

// Where S3 keys come from when the configuration names none: the environment, then the file that AWS's own tools use.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/s3/sigv4.h"

namespace cofre::storage::s3 {

// A variable of the environment; nullopt where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own. Set variables before threads start: the C library promises nothing else.
Environment ProcessEnvironment();

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else the profile AWS_PROFILE (or "default") of
// AWS_SHARED_CREDENTIALS_FILE (or ~/.aws/credentials). Throws auth where there are none, half of them, or a file that
// cannot be read or understood; the message says where was looked.
Credentials FindCredentials(const Environment& environment);

// A profile's keys in a credentials file; nullopt where it has no such profile. Throws auth for a line that is neither
// [section], name = value, comment nor blank, and for a profile without both keys; no message shows a value.
std::optional<Credentials> ParseCredentialsFile(std::string_view text, std::string_view profile);

}  // namespace cofre::storage::s3
