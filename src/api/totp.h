#pragma once

// Codes of six digits that an authenticator shows, a new one each half minute: RFC 4226 (HOTP) and RFC 6238 (TOTP) with
// HMAC-SHA1, as every authenticator reads them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace cofre::api {

inline constexpr size_t kTotpSecretBytes = 20;

// The alphabet of RFC 4648 section 6, without padding.
std::string Base32Encode(ByteView bytes);

// RFC 4226: the code of a counter, `digits` long (1 to 9).
std::string HotpCode(ByteView secret, uint64_t counter, unsigned digits = 6);

// The number of the half minute.
int64_t TotpStep(TimePoint time);

// The step whose code it is: of this one, the one before, and the one after, for clocks differ. Takes as long whichever
// it is.
std::optional<int64_t> MatchTotp(ByteView secret, std::string_view code, TimePoint now);

}  // namespace cofre::api
