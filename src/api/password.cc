#include "api/password.h"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <semaphore>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace cofre::api {
namespace {

constexpr uint32_t kPasses = 2;
constexpr uint32_t kKibibytes = 19 * 1024;
constexpr uint32_t kLanes = 1;
constexpr size_t kHashBytes = 32;
constexpr size_t kSaltBytes = 16;
constexpr size_t kLongestHash = 256;

std::counting_semaphore<2>& Turns() {
  static std::counting_semaphore<2> turns(2);
  return turns;
}

struct Turn {
  Turn() { Turns().acquire(); }
  ~Turn() { Turns().release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void RequireGoodPassword(const Secret& password, const std::string& user) {
  const std::string& text = password.Reveal();
  const auto refuse = [](const std::string& why) {
    throw Error(ErrorKind::kUsage, "the password " + why,
                fmt::format("at least {} characters; a few words in a row are good", kShortestPassword));
  };
  if (text.size() > kLongestPassword) refuse("is too long");
  if (!IsValidUtf8(text)) refuse("is not UTF-8");
  if (CountCharacters(text) < kShortestPassword) refuse("is too short");
  if (AsciiLower(text) == user) refuse("is the user's name");
  if (std::ranges::all_of(text, [&](char c) { return c == text.front(); })) refuse("is one character again and again");
}

std::string HashPassword(const Secret& password, Random& random) {
  std::array<uint8_t, kSaltBytes> salt{};
  random.Fill(salt);
  std::array<char, kLongestHash> encoded{};
  const Turn turn;
  const std::string& text = password.Reveal();
  const int result = argon2id_hash_encoded(kPasses, kKibibytes, kLanes, text.data(), text.size(), salt.data(),
                                           salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    throw Error(ErrorKind::kPermanent, fmt::format("cannot hash a password: {}", argon2_error_message(result)));
  }
  return encoded.data();
}

bool IsPassword(const Secret& password, const std::string& hash) {
  const std::string& text = password.Reveal();
  if (text.size() > kLongestPassword || hash.size() > kLongestHash) return false;
  const Turn turn;
  return argon2id_verify(hash.c_str(), text.data(), text.size()) == ARGON2_OK;
}

}  // namespace cofre::api
