#include "api/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>

#include "api/same_secret.h"
#include "base/error.h"

namespace cofre::api {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::chrono::seconds kStep(30);

std::array<uint8_t, 20> HmacSha1(ByteView key, ByteView data) {
  std::array<uint8_t, 20> out{};
  unsigned size = out.size();
  const auto* done =
      HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(), &size);
  if (done == nullptr) throw Error(ErrorKind::kPermanent, "OpenSSL cannot compute HMAC-SHA1");
  return out;
}

}  // namespace

std::string Base32Encode(ByteView bytes) {
  std::string text;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) text.push_back(kAlphabet[(bits >> (count - 5)) & 31U]);
  }
  if (count > 0) text.push_back(kAlphabet[(bits << (5 - count)) & 31U]);
  return text;
}

std::string HotpCode(ByteView secret, uint64_t counter, unsigned digits) {
  std::array<uint8_t, 8> message{};
  for (size_t i = 0; i < message.size(); ++i) message.at(i) = static_cast<uint8_t>(counter >> (56 - 8 * i));
  const auto mac = HmacSha1(secret, message);
  const size_t offset = mac.back() & 15U;
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = (number << 8) | mac.at(offset + i);
  number &= 0x7FFFFFFFU;
  uint32_t bound = 1;
  for (unsigned i = 0; i < digits; ++i) bound *= 10;
  return fmt::format("{:0{}}", number % bound, digits);
}

int64_t TotpStep(TimePoint time) { return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()) / kStep; }

std::optional<int64_t> MatchTotp(ByteView secret, std::string_view code, TimePoint now) {
  std::optional<int64_t> matched;
  const int64_t step = TotpStep(now);
  for (const int64_t one : {step - 1, step, step + 1}) {
    if (SameSecret(HotpCode(secret, static_cast<uint64_t>(one)), code)) matched = one;
  }
  return matched;
}

}  // namespace cofre::api
