#include "base/secret.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace cofre {

namespace {

// All of the buffer, not only its length: a short string is copied when it is moved from, and stays behind.
void WipeString(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

std::string CredentialOr(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return path;
  const std::filesystem::path credential = folder / std::filesystem::path(path).filename();
  std::error_code error;
  return std::filesystem::is_regular_file(credential, error) ? credential.string() : path;
}

}  // namespace

Secret::Secret(std::string&& value) {
  value_.swap(value);
  WipeString(value);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    Wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.Wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    value_ = std::move(other.value_);
    other.Wipe();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() { WipeString(value_); }

Secret ReadSecretFile(const std::string& named_path) {
  const std::string path = CredentialOr(named_path);
  static constexpr size_t kLimit = 64 * 1024;
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    throw Error(ErrorKind::kAuth, SystemError(errno, "cannot read the secret file " + path).what(),
                "create it with mode 0600, holding the secret alone");
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw SystemError(errno, "cannot look at " + path);
  if ((status.st_mode & S_IRWXO) != 0) {
    throw Error(ErrorKind::kAuth, "the secret file " + path + " is open to every user of this machine",
                "chmod 600 '" + path + "'");
  }
  std::string text(kLimit + 1, '\0');
  size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorKind::kAuth, SystemError(errno, "cannot read the secret file " + path).what());
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  std::string value = text.substr(0, length);
  WipeString(text);
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  Secret secret(std::move(value));
  if (length > kLimit) throw Error(ErrorKind::kAuth, "the secret file " + path + " is larger than 64 KiB");
  if (secret.empty()) throw Error(ErrorKind::kAuth, "the secret file " + path + " is empty");
  return secret;
}

void WriteSecretFile(const std::string& path, const Secret& secret) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) {
    if (errno == EEXIST) {
      throw Error(ErrorKind::kUsage, "the secret file " + path + " exists already",
                  "move it away if a new one is meant");
    }
    throw SystemError(errno, "cannot create the secret file " + path);
  }
  try {
    WriteAll(file.get(), secret.RevealBytes(), path);
    WriteAll(file.get(), AsBytes("\n"), path);
    if (fsync(file.get()) != 0) throw SystemError(errno, "cannot write " + path + " to disk");
    SyncFolder(std::filesystem::path(path).parent_path().string());
  } catch (const Error&) {
    unlink(path.c_str());
    throw;
  }
}

}  // namespace cofre
