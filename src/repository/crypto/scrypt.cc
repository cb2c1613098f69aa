#include "repository/crypto/scrypt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "base/error.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kMaxMemoryBytes = uint64_t{256} * 1024 * 1024;
constexpr uint64_t kMaxWork = uint64_t{1} << 24;  // n * r * p

struct ContextDeleter {
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

}  // namespace

void ScryptParameters::RequireAcceptable() const {
  const bool in_range = n >= 2 && (n & (n - 1)) == 0 && n <= kMaxWork && r >= 1 && r <= kMaxWork && p >= 1 &&
                        p <= kMaxWork && r * p < (uint64_t{1} << 30);
  // Each factor is at most 2^24 and r * p below 2^30, so no product here overflows.
  if (!in_range || 128 * n * r > kMaxMemoryBytes || n * (r * p) > kMaxWork) {
    throw Error(ErrorKind::kCorrupt, "key file asks for scrypt with N=" + std::to_string(n) +
                                         ", r=" + std::to_string(r) + ", p=" + std::to_string(p) +
                                         ", which is invalid or takes too much memory or time");
  }
}

MasterKey DeriveUserKey(const Secret& password, ByteView salt, const ScryptParameters& parameters) {
  parameters.RequireAcceptable();
  static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "SCRYPT", nullptr);
  const std::unique_ptr<EVP_KDF_CTX, ContextDeleter> context(algorithm != nullptr ? EVP_KDF_CTX_new(algorithm)
                                                                                  : nullptr);
  uint64_t n = parameters.n;
  auto r = static_cast<uint32_t>(parameters.r);
  auto p = static_cast<uint32_t>(parameters.p);
  uint64_t memory = 2 * kMaxMemoryBytes;
  const ByteView secret = password.RevealBytes();
  const OSSL_PARAM arguments[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, const_cast<uint8_t*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<uint8_t*>(salt.data()), salt.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
      OSSL_PARAM_construct_end()};
  std::array<uint8_t, 64> derived{};
  if (context == nullptr || EVP_KDF_derive(context.get(), derived.data(), derived.size(), arguments) != 1) {
    throw Error(ErrorKind::kPermanent, "OpenSSL cannot compute scrypt", "check the installation and free memory");
  }
  MasterKey key = MasterKey::FromBytes(derived);
  OPENSSL_cleanse(derived.data(), derived.size());
  return key;
}

}  // namespace cofre::repository
