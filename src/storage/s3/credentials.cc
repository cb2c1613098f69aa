#include "storage/s3/credentials.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace cofre::storage::s3 {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1024} * 1024;
constexpr const char* kHint =
    "give access key and secret key in the configuration, in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in "
    "~/.aws/credentials";

// Set and not empty.
std::optional<std::string> Value(const Environment& environment, const std::string& name) {
  auto value = environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::string FilePath(const Environment& environment) {
  if (const auto path = Value(environment, "AWS_SHARED_CREDENTIALS_FILE")) return *path;
  if (const auto home = Value(environment, "HOME")) return *home + "/.aws/credentials";
  return "";
}

// Takes the next line off the front, without its end.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void Store(Credentials& credentials, std::string_view name, std::string_view value) {
  if (name == "aws_access_key_id") credentials.access_key = value;
  if (name == "aws_secret_access_key") credentials.secret_key = Secret(std::string(value));
  if (name == "aws_session_token") credentials.session_token = Secret(std::string(value));
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::optional<Credentials> ParseCredentialsFile(std::string_view text, std::string_view profile) {
  std::optional<Credentials> found;
  bool in_profile = false;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view raw = TakeLine(text);
    const std::string_view line = Trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      in_profile = Trimmed(line.substr(1, line.size() - 2)) == profile;
      if (in_profile && !found) found.emplace();
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw Error(ErrorKind::kAuth, fmt::format("line {} is neither [profile] nor name = value", number));
    }
    // An indented line belongs to the setting above it, as in "s3 =\n  region = x".
    if (in_profile && raw.front() != ' ' && raw.front() != '\t') {
      Store(*found, AsciiLower(Trimmed(line.substr(0, equals))), Trimmed(line.substr(equals + 1)));
    }
  }
  if (found && (found->access_key.empty() || found->secret_key.empty())) {
    throw Error(ErrorKind::kAuth,
                fmt::format("profile {} lacks aws_access_key_id or aws_secret_access_key", Quoted(profile)));
  }
  return found;
}

Credentials FindCredentials(const Environment& environment) {
  const auto access_key = Value(environment, "AWS_ACCESS_KEY_ID");
  auto secret_key = Value(environment, "AWS_SECRET_ACCESS_KEY");
  if (access_key && secret_key) {
    return {.access_key = *access_key,
            .secret_key = Secret(*std::move(secret_key)),
            .session_token = Secret(Value(environment, "AWS_SESSION_TOKEN").value_or(""))};
  }
  if (access_key || secret_key) {
    throw Error(ErrorKind::kAuth, "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set", "set both or none");
  }
  const std::string path = FilePath(environment);
  const std::string profile = Value(environment, "AWS_PROFILE").value_or("default");
  try {
    if (!path.empty()) {
      if (auto found = ParseCredentialsFile(ReadFile(path, kMaxFileBytes), profile)) return *std::move(found);
      throw Error(ErrorKind::kAuth, fmt::format("there is no profile {}", Quoted(profile)));
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw Error(ErrorKind::kAuth, path + ": " + error.what(), kHint);
  }
  throw Error(ErrorKind::kAuth,
              fmt::format("no S3 keys: neither in the configuration nor in AWS_ACCESS_KEY_ID nor in {}",
                          path.empty() ? "~/.aws/credentials" : path),
              kHint);
}

}  // namespace cofre::storage::s3
