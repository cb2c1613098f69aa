#include "api/second_factor.h"

#include <array>

#include "api/sealed_text.h"
#include "api/totp.h"
#include "base/digest.h"
#include "base/text.h"
#include "engine/master_key.h"

namespace cofre::api {
namespace {

constexpr size_t kRecoveryCodes = 10;
constexpr size_t kRecoveryBytes = 10;    // 80 bits: nobody guesses that, so a plain hash is enough
constexpr size_t kRecoveryLetters = 16;  // of which they are
constexpr size_t kGroup = 4;
constexpr size_t kLongestCode = 64;

// Letters that are left of "abcd-efgh ijkl".
std::string Plain(const std::string& code) {
  std::string plain;
  for (const char c : AsciiLower(code.substr(0, kLongestCode))) {
    if (c != '-' && c != ' ') plain.push_back(c);
  }
  return plain;
}

std::string HashOf(const std::string& code) { return Sha256(AsBytes("recovery " + Plain(code))).Hex(); }

std::string MakeRecoveryCode(Random& random) {
  std::array<uint8_t, kRecoveryBytes> bytes{};
  random.Fill(bytes);
  const std::string letters = AsciiLower(Base32Encode(bytes));
  std::string code;
  for (size_t at = 0; at < letters.size(); at += kGroup) {
    code += (code.empty() ? "" : "-") + letters.substr(at, kGroup);
  }
  return code;
}

// Of a user's name: '@' is the only sign in it that an address may not hold as it is.
std::string InAddress(const std::string& user) {
  std::string text;
  for (const char c : user) text += c == '@' ? "%40" : std::string(1, c);
  return text;
}

}  // namespace

Secret SecondFactors::Key() const {
  return engine::MasterKey::ReadFile(wiring_()->config().master_key_file).SealingKey("second factors");
}

SecondFactors::Proposal SecondFactors::Propose(const std::string& user) {
  std::string bytes(kTotpSecretBytes, '\0');
  random_.Fill({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  const Secret secret(std::move(bytes));
  accounts_.ProposeSecondFactor(user, SealText(Key(), user, secret, random_));
  const std::string shown = Base32Encode(secret.RevealBytes());
  return {.secret = shown,
          .address = "otpauth://totp/Cofre:" + InAddress(user) + "?secret=" + shown +
                     "&issuer=Cofre&algorithm=SHA1&digits=6&period=30"};
}

bool SecondFactors::IsCode(const std::string& user, const catalogue::SecondFactor& factor, const std::string& code) {
  const Secret secret = OpenSealedText(Key(), user, factor.sealed);
  const auto step = MatchTotp(secret.RevealBytes(), Plain(code), clock_.Now());
  // Of two who send the same code at once only one changes the row.
  return step && accounts_.UseStep(user, *step);
}

bool SecondFactors::Confirm(const std::string& user, const std::string& code, std::vector<std::string>& recovery) {
  const auto factor = accounts_.FindSecondFactor(user);
  if (!factor || factor->confirmed || !IsCode(user, *factor, code)) return false;
  std::vector<std::string> hashes;
  for (size_t i = 0; i < kRecoveryCodes; ++i) {
    recovery.push_back(MakeRecoveryCode(random_));
    hashes.push_back(HashOf(recovery.back()));
  }
  accounts_.ConfirmSecondFactor(user, clock_.Now(), hashes);
  return true;
}

bool SecondFactors::Accept(const std::string& user, const std::string& code) {
  const auto factor = accounts_.FindSecondFactor(user);
  if (!factor || !factor->confirmed) return false;
  if (Plain(code).size() == kRecoveryLetters) return accounts_.UseRecoveryCode(user, HashOf(code));
  return IsCode(user, *factor, code);
}

}  // namespace cofre::api
