#include "engine/master_key.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "base/digest.h"
#include "base/error.h"

namespace cofre::engine {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kGroupBytes = 4;
constexpr size_t kGroupDigits = 2 * kGroupBytes + 2;  // with its check digits
constexpr size_t kKeyGroups = kKeyBytes / kGroupBytes;
constexpr size_t kGroups = kKeyGroups + 1;
constexpr std::string_view kMark = "cofre1";
constexpr std::string_view kSalt = "cofre";
constexpr std::string_view kHint = "compare it with the recovery sheet; `cofre key export` prints one";

// `number` counts from 1, as on the sheet.
std::string CheckDigits(size_t number, ByteView group) {
  Bytes input{static_cast<uint8_t>(number)};
  input.insert(input.end(), group.begin(), group.end());
  return HexEncode(ByteView(Sha256(input).bytes).first(1));
}

std::string FormatGroup(size_t number, ByteView group) { return HexEncode(group) + "-" + CheckDigits(number, group); }

// Digits alone, in lower case; throws for what can't be one.
std::string Digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '-') continue;
    if (lower == 'o') {
      digits += '0';
    } else if (lower == 'l' || lower == 'i') {
      digits += '1';
    } else if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      digits += lower;
    } else {
      throw Error(ErrorKind::kAuth,
                  fmt::format("group {} of the master key has something other than the digits 0 to 9 and a to f",
                              digits.size() / kGroupDigits + 1),
                  std::string(kHint));
    }
  }
  return digits;
}

std::string_view WithoutMark(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  if (text.size() >= kMark.size()) {
    std::string start(text.substr(0, kMark.size()));
    for (char& c : start) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (start == kMark) text.remove_prefix(kMark.size());
  }
  return text;
}

}  // namespace

MasterKey MasterKey::Generate(Random& random) {
  std::string bytes(kKeyBytes, '\0');
  random.Fill(MutableBytes(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()));
  return MasterKey(Secret(std::move(bytes)));
}

MasterKey MasterKey::Parse(std::string_view text) {
  const Secret digits(Digits(WithoutMark(text)));
  if (digits.Reveal().size() != kGroups * kGroupDigits) {
    throw Error(
        ErrorKind::kAuth,
        fmt::format("the master key has {} digits instead of {}", digits.Reveal().size(), kGroups * kGroupDigits),
        std::string(kHint));
  }
  std::string bytes;
  for (size_t number = 1; number <= kGroups; ++number) {
    const std::string_view group = std::string_view(digits.Reveal()).substr((number - 1) * kGroupDigits, kGroupDigits);
    const Bytes value = *HexDecode(group.substr(0, 2 * kGroupBytes));
    if (CheckDigits(number, value) != group.substr(2 * kGroupBytes)) {
      throw Error(ErrorKind::kAuth, fmt::format("the check digits of group {} of the master key don't fit it", number),
                  std::string(kHint));
    }
    bytes += AsText(value);
  }
  const std::string fingerprint = HexEncode(AsBytes(std::string_view(bytes).substr(kKeyBytes)));
  MasterKey key{Secret(bytes.substr(0, kKeyBytes))};
  const bool fits = key.Fingerprint() == fingerprint;
  const Secret wiped(std::move(bytes));
  if (!fits) {
    throw Error(ErrorKind::kAuth, "group 9 of the master key doesn't fit the eight before it", std::string(kHint));
  }
  return key;
}

MasterKey MasterKey::ReadFile(const std::string& path) {
  const Secret text = ReadSecretFile(path);
  try {
    return Parse(text.Reveal());
  } catch (const Error& error) {
    throw error.In(path);
  }
}

void MasterKey::WriteNewFile(const std::string& path) const {
  WriteSecretFile(path, Secret(std::string(kMark) + " " + Format().Reveal()));
}

Secret MasterKey::Format() const {
  std::string text;
  for (size_t number = 1; number <= kKeyGroups; ++number) {
    text += FormatGroup(number, bytes_.RevealBytes().subspan((number - 1) * kGroupBytes, kGroupBytes)) + " ";
  }
  const Digest digest = Sha256(bytes_.RevealBytes());
  text += FormatGroup(kGroups, ByteView(digest.bytes).first(kGroupBytes));
  return Secret(std::move(text));
}

Secret MasterKey::Hex() const { return Secret(HexEncode(bytes_.RevealBytes())); }

std::string MasterKey::Fingerprint() const {
  return HexEncode(ByteView(Sha256(bytes_.RevealBytes()).bytes).first(kGroupBytes));
}

Secret MasterKey::RepositoryPassword(std::string_view repository_path) const {
  std::array<uint8_t, 32> derived{};
  HkdfSha256(bytes_.RevealBytes(), kSalt, "repository " + std::string(repository_path), derived);
  return Secret(HexEncode(derived));
}

Secret MasterKey::SealingKey(std::string_view purpose) const {
  std::string derived(32, '\0');
  HkdfSha256(bytes_.RevealBytes(), kSalt, "seal " + std::string(purpose),
             {reinterpret_cast<uint8_t*>(derived.data()), derived.size()});
  return Secret(std::move(derived));
}

}  // namespace cofre::engine
