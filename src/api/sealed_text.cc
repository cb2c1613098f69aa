#include "api/sealed_text.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "base/error.h"

namespace cofre::api {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyBytes = 32;
constexpr size_t kLargest = 4096;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

void Require(bool ok) {
  if (!ok) throw Error(ErrorKind::kPermanent, "OpenSSL cannot compute AES-256-GCM");
}

class Cipher {
 public:
  Cipher(const Secret& key, ByteView nonce, const std::string& about, bool sealing) {
    const ByteView bytes = key.RevealBytes();
    Require(bytes.size() == kKeyBytes && context_ != nullptr);
    Require(EVP_CipherInit_ex2(context_.get(), EVP_aes_256_gcm(), bytes.data(), nonce.data(), sealing ? 1 : 0,
                               nullptr) == 1);
    int size = 0;
    const ByteView named = AsBytes(about);
    Require(EVP_CipherUpdate(context_.get(), nullptr, &size, named.data(), static_cast<int>(named.size())) == 1);
  }

  std::string Update(ByteView bytes) {
    std::string out(bytes.size(), '\0');
    int size = 0;
    Require(EVP_CipherUpdate(context_.get(), reinterpret_cast<uint8_t*>(out.data()), &size, bytes.data(),
                             static_cast<int>(bytes.size())) == 1);
    return out;
  }
  bool Finish() {
    int size = 0;
    std::array<uint8_t, kTagBytes> rest{};
    return EVP_CipherFinal_ex(context_.get(), rest.data(), &size) == 1;
  }
  EVP_CIPHER_CTX* context() { return context_.get(); }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context_{EVP_CIPHER_CTX_new()};
};

}  // namespace

std::string SealText(const Secret& key, const std::string& about, const Secret& plain, Random& random) {
  std::array<uint8_t, kNonceBytes> nonce{};
  random.Fill(nonce);
  Cipher cipher(key, nonce, about, true);
  const std::string body = cipher.Update(plain.RevealBytes());
  Require(cipher.Finish());
  std::array<uint8_t, kTagBytes> tag{};
  Require(EVP_CIPHER_CTX_ctrl(cipher.context(), EVP_CTRL_GCM_GET_TAG, tag.size(), tag.data()) == 1);
  return HexEncode(nonce) + HexEncode(AsBytes(body)) + HexEncode(tag);
}

Secret OpenSealedText(const Secret& key, const std::string& about, const std::string& sealed) {
  const Error wrong(ErrorKind::kAuth, "a secret in the catalogue was not sealed with this master key");
  auto bytes = HexDecode(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes || bytes->size() > kLargest) throw wrong;
  const ByteView all(*bytes);
  Cipher cipher(key, all.first(kNonceBytes), about, false);
  Secret plain(cipher.Update(all.subspan(kNonceBytes, all.size() - kNonceBytes - kTagBytes)));
  uint8_t* tag = bytes->data() + (bytes->size() - kTagBytes);
  Require(EVP_CIPHER_CTX_ctrl(cipher.context(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag) == 1);
  if (!cipher.Finish()) throw wrong;
  return plain;
}

}  // namespace cofre::api
