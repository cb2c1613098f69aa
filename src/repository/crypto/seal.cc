#include "repository/crypto/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace cofre::repository {
namespace {

constexpr size_t kNonceBytes = 16;
constexpr size_t kTagBytes = 16;

void Require(bool ok, const char* what) {
  if (!ok) throw Error(ErrorKind::kPermanent, std::string("OpenSSL cannot compute ") + what, "check the installation");
}

struct CipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct MacContextDeleter {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

EVP_CIPHER* FetchCipher(const char* name) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  Require(cipher != nullptr, name);
  return cipher;
}

// One set of contexts a thread, made once: looking an algorithm up costs more than sealing a small blob does.
struct Contexts {
  std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter> ctr{EVP_CIPHER_CTX_new()};
  std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter> ecb{EVP_CIPHER_CTX_new()};
  std::unique_ptr<EVP_MAC_CTX, MacContextDeleter> poly1305;

  Contexts() {
    static EVP_CIPHER* const ctr_algorithm = FetchCipher("AES-256-CTR");
    static EVP_CIPHER* const ecb_algorithm = FetchCipher("AES-128-ECB");
    static EVP_MAC* const poly1305_algorithm = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
    Require(poly1305_algorithm != nullptr, "Poly1305");
    poly1305.reset(EVP_MAC_CTX_new(poly1305_algorithm));
    Require(ctr != nullptr && ecb != nullptr && poly1305 != nullptr, "seals");
    // Counter mode is its own inverse, so both directions encrypt.
    Require(EVP_EncryptInit_ex2(ctr.get(), ctr_algorithm, nullptr, nullptr, nullptr) == 1, "AES-256-CTR");
    Require(EVP_EncryptInit_ex2(ecb.get(), ecb_algorithm, nullptr, nullptr, nullptr) == 1, "AES-128-ECB");
  }
};

Contexts& ThreadContexts() {
  thread_local Contexts contexts;
  return contexts;
}

// Input and output may be the same memory.
void ApplyCtr(Contexts& contexts, const MasterKey& key, const uint8_t* nonce, ByteView in, uint8_t* out) {
  Require(EVP_EncryptInit_ex2(contexts.ctr.get(), nullptr, key.encrypt.data(), nonce, nullptr) == 1, "AES-256-CTR");
  // The length parameter is an int.
  constexpr size_t kStep = size_t{1} << 30;
  for (size_t done = 0; done < in.size(); done += kStep) {
    const size_t step = std::min(kStep, in.size() - done);
    int written = 0;
    Require(EVP_EncryptUpdate(contexts.ctr.get(), out + done, &written, in.data() + done, static_cast<int>(step)) == 1,
            "AES-256-CTR");
  }
}

void ComputeTag(Contexts& contexts, const MasterKey& key, const uint8_t* nonce, ByteView ciphertext, uint8_t* tag) {
  // Poly1305's key is r || AES(k, IV); OpenSSL masks r.
  uint8_t one_time_key[32];
  std::copy(key.mac_r.begin(), key.mac_r.end(), one_time_key);
  int written = 0;
  Require(EVP_EncryptInit_ex2(contexts.ecb.get(), nullptr, key.mac_k.data(), nullptr, nullptr) == 1 &&
              EVP_EncryptUpdate(contexts.ecb.get(), one_time_key + 16, &written, nonce, kNonceBytes) == 1,
          "AES-128-ECB");
  size_t tag_bytes = 0;
  Require(EVP_MAC_init(contexts.poly1305.get(), one_time_key, sizeof one_time_key, nullptr) == 1 &&
              EVP_MAC_update(contexts.poly1305.get(), ciphertext.data(), ciphertext.size()) == 1 &&
              EVP_MAC_final(contexts.poly1305.get(), tag, &tag_bytes, kTagBytes) == 1,
          "Poly1305");
}

template <size_t N>
bool AllZero(const std::array<uint8_t, N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

}  // namespace

MasterKey::~MasterKey() {
  OPENSSL_cleanse(encrypt.data(), encrypt.size());
  OPENSSL_cleanse(mac_k.data(), mac_k.size());
  OPENSSL_cleanse(mac_r.data(), mac_r.size());
}

MasterKey MasterKey::FromBytes(ByteView bytes) {
  if (bytes.size() != 64) throw Error(ErrorKind::kCorrupt, "a master key has 64 bytes");
  MasterKey key;
  std::memcpy(key.encrypt.data(), bytes.data(), 32);
  std::memcpy(key.mac_k.data(), bytes.data() + 32, 16);
  std::memcpy(key.mac_r.data(), bytes.data() + 48, 16);
  return key;
}

MasterKey MasterKey::Generate(Random& random) {
  MasterKey key;
  random.Fill(key.encrypt);
  random.Fill(key.mac_k);
  random.Fill(key.mac_r);
  return key;
}

void MasterKey::RequireValid() const {
  if (AllZero(encrypt) || AllZero(mac_k) || AllZero(mac_r)) {
    throw Error(ErrorKind::kCorrupt, "the repository's master key is all zeros in a part of it");
  }
}

Sealer::Sealer(const MasterKey& key, Random& random) : key_(key), random_(random) { key_.RequireValid(); }

void Sealer::SealWithNonce(ByteView plain, const Nonce& nonce, MutableBytes out) const {
  if (out.size() != plain.size() + kSealOverhead) throw std::logic_error("Seal: buffer of the wrong size");
  if (AllZero(nonce)) throw std::logic_error("Seal: a nonce of zeros is refused by every reader");
  Contexts& contexts = ThreadContexts();
  std::copy(nonce.begin(), nonce.end(), out.begin());
  ApplyCtr(contexts, key_, nonce.data(), plain, out.data() + kNonceBytes);
  ComputeTag(contexts, key_, nonce.data(), out.subspan(kNonceBytes, plain.size()),
             out.data() + kNonceBytes + plain.size());
}

void Sealer::Seal(ByteView plain, MutableBytes out) const {
  Nonce nonce{};
  {
    const std::lock_guard lock(random_mutex_);
    random_.Fill(nonce);
  }
  SealWithNonce(plain, nonce, out);
}

Bytes Sealer::Seal(ByteView plain) const {
  Bytes sealed(plain.size() + kSealOverhead);
  Seal(plain, sealed);
  return sealed;
}

void Sealer::Open(ByteView sealed, MutableBytes out) const {
  if (sealed.size() < kSealOverhead) throw Error(ErrorKind::kCorrupt, "too short to be sealed");
  if (out.size() != sealed.size() - kSealOverhead) throw std::logic_error("Open: buffer of the wrong size");
  Contexts& contexts = ThreadContexts();
  const uint8_t* const nonce = sealed.data();
  const ByteView ciphertext = sealed.subspan(kNonceBytes, out.size());
  uint8_t tag[kTagBytes];
  ComputeTag(contexts, key_, nonce, ciphertext, tag);
  if (CRYPTO_memcmp(tag, sealed.data() + kNonceBytes + out.size(), kTagBytes) != 0) {
    throw Error(ErrorKind::kCorrupt, "the authentication tag is wrong");
  }
  ApplyCtr(contexts, key_, nonce, ciphertext, out.data());
}

Bytes Sealer::Open(ByteView sealed) const {
  if (sealed.size() < kSealOverhead) throw Error(ErrorKind::kCorrupt, "too short to be sealed");
  Bytes plain(sealed.size() - kSealOverhead);
  Open(sealed, plain);
  return plain;
}

}  // namespace cofre::repository
