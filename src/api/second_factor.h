#pragma once

// Codes of an authenticator beside the password, for users who want them (decision 0152).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "catalogue/accounts.h"
#include "service/wiring.h"

namespace cofre::api {

// Thread-safe. Reads the master key where it seals and opens: throws what engine::MasterKey::ReadFile throws.
class SecondFactors {
 public:
  // The references outlive it.
  SecondFactors(catalogue::Accounts& accounts, const std::function<std::shared_ptr<service::Wiring>()>& wiring,
                Clock& clock, Random& random)
      : accounts_(accounts), wiring_(wiring), clock_(clock), random_(random) {}

  struct Proposal {
    std::string secret;   // in base 32, for who types it
    std::string address;  // otpauth://totp/..., for a QR code
  };
  // Makes a secret that is shown this once, and asked for once it is confirmed. Throws kind usage where the user has a
  // confirmed one.
  Proposal Propose(const std::string& user);
  // True where the code was that of the proposal: from now on it is asked for, and `recovery` are codes that stand for
  // it, each once. Part of a transaction of the caller's.
  bool Confirm(const std::string& user, const std::string& code, std::vector<std::string>& recovery);
  // True for a code that is right, or a recovery code, and was not used before; it is now.
  bool Accept(const std::string& user, const std::string& code);

 private:
  Secret Key() const;
  bool IsCode(const std::string& user, const catalogue::SecondFactor& factor, const std::string& code);

  catalogue::Accounts& accounts_;
  const std::function<std::shared_ptr<service::Wiring>()>& wiring_;
  Clock& clock_;
  Random& random_;
};

}  // namespace cofre::api
