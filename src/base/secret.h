#pragma once

// A password or key in memory: wiped when it goes, and not printable by accident (no operator<<, no fmt formatter).

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cofre {

class Secret {
 public:
  Secret() = default;
  // Takes the value over and wipes what `value` was.
  explicit Secret(std::string&& value);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  bool empty() const { return value_.empty(); }
  // Every use of the plain value carries this word, so that it can be searched for.
  const std::string& Reveal() const { return value_; }
  ByteView RevealBytes() const { return AsBytes(value_); }

 private:
  void Wipe();
  std::string value_;
};

// Reads a secret from a file: its whole content less one trailing line end. At most 64 KiB. Throws kind auth where the
// file is missing, unreadable, empty, or readable by others than its owner and group. Where systemd has handed the
// process credentials (the environment's CREDENTIALS_DIRECTORY) and one has the name of the file, that one is read
// instead: so a service reads secrets in files that only root may open. Source: systemd.exec(5), "LoadCredential=".
Secret ReadSecretFile(const std::string& path);

// Writes a new file of mode 0600, durably; throws kind usage where it exists. After an error or a crash there is no
// file or, at worst, an incomplete one that this call made.
void WriteSecretFile(const std::string& path, const Secret& secret);

}  // namespace cofre
