#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstring>

#include "base/error.h"

namespace cofre {
namespace {

void Require(bool ok, const char* what) {
  if (!ok)
    throw Error(ErrorKind::kPermanent, std::string("OpenSSL cannot compute ") + what,
                "check the OpenSSL 3 installation");
}

// Looking an algorithm up by name costs more than hashing a small blob: do it once.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Require(algorithm != nullptr, "SHA-256");
  return algorithm;
}

// OpenSSL refuses a null pointer even where the length is 0.
const uint8_t* Start(ByteView bytes) {
  static constexpr uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

OSSL_PARAM Octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(Start(bytes)), bytes.size());
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

}  // namespace

std::optional<Digest> Digest::FromHex(std::string_view text) {
  if (text.size() != 64) return std::nullopt;
  const auto decoded = HexDecode(text);
  if (!decoded) return std::nullopt;
  Digest digest;
  std::memcpy(digest.bytes.data(), decoded->data(), digest.bytes.size());
  return digest;
}

size_t DigestHash::operator()(const Digest& digest) const noexcept {
  size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

Digest Sha256(ByteView data) {
  thread_local const Context context(EVP_MD_CTX_new());
  Digest digest;
  Require(EVP_DigestInit_ex2(context.get(), Sha256Algorithm(), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), digest.bytes.data(), nullptr) == 1,
          "SHA-256");
  return digest;
}

Digest HmacSha256(ByteView key, ByteView data) {
  Digest digest;
  unsigned int length = 0;
  Require(HMAC(EVP_sha256(), Start(key), static_cast<int>(key.size()), Start(data), data.size(), digest.bytes.data(),
               &length) != nullptr,
          "HMAC-SHA256");
  return digest;
}

std::array<uint8_t, 16> Md5(ByteView data) {
  std::array<uint8_t, 16> sum{};
  Require(EVP_Digest(data.data(), data.size(), sum.data(), nullptr, EVP_md5(), nullptr) == 1, "MD5");
  return sum;
}

void HkdfSha256(ByteView key, std::string_view salt, std::string_view info, MutableBytes out) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = kdf != nullptr ? EVP_KDF_CTX_new(kdf) : nullptr;
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
                                   Octets(OSSL_KDF_PARAM_KEY, key), Octets(OSSL_KDF_PARAM_SALT, AsBytes(salt)),
                                   Octets(OSSL_KDF_PARAM_INFO, AsBytes(info)), OSSL_PARAM_construct_end()};
  const bool ok = context != nullptr && EVP_KDF_derive(context, out.data(), out.size(), parameters) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  Require(ok, "HKDF");
}

struct Sha256Stream::State {
  Context context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  Require(EVP_DigestInit_ex2(state_->context.get(), Sha256Algorithm(), nullptr) == 1, "SHA-256");
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::Update(ByteView data) {
  Require(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1, "SHA-256");
}

Digest Sha256Stream::Finish() {
  Digest digest;
  Require(EVP_DigestFinal_ex(state_->context.get(), digest.bytes.data(), nullptr) == 1, "SHA-256");
  return digest;
}

}  // namespace cofre
