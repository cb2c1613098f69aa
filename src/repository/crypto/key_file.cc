#include "repository/crypto/key_file.h"

#include <openssl/crypto.h>

#include <cstring>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

constexpr size_t kSaltBytes = 64;
constexpr size_t kMaxSealedKeyBytes = 4096;

// Wipes a buffer that held key material.
struct Wiper {
  MutableBytes bytes;
  ~Wiper() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

Bytes ReadBase64(JsonReader& reader) {
  auto bytes = Base64Decode(reader.String());
  if (!bytes) reader.Fail("something that is not base64");
  return *std::move(bytes);
}

template <size_t N>
void ReadKeyPart(JsonReader& reader, std::array<uint8_t, N>& part) {
  Bytes bytes = ReadBase64(reader);
  const Wiper wiper{bytes};
  if (bytes.size() != N) reader.Fail("a key of the wrong length");
  std::memcpy(part.data(), bytes.data(), N);
}

std::string MasterKeyToJson(const MasterKey& key) {
  return R"({"mac":{"k":")" + Base64Encode(key.mac_k) + R"(","r":")" + Base64Encode(key.mac_r) + R"("},"encrypt":")" +
         Base64Encode(key.encrypt) + R"("})";
}

MasterKey MasterKeyFromJson(ByteView json) {
  JsonReader reader(json, "master key");
  MasterKey key;  // a part that is missing stays zero, which RequireValid refuses
  reader.Object([&](std::string_view name) {
    if (name == "encrypt") {
      ReadKeyPart(reader, key.encrypt);
    } else if (name == "mac") {
      reader.Object([&](std::string_view part) {
        if (part == "k") {
          ReadKeyPart(reader, key.mac_k);
        } else if (part == "r") {
          ReadKeyPart(reader, key.mac_r);
        } else {
          reader.Skip();
        }
      });
    } else {
      reader.Skip();
    }
  });
  reader.End();
  key.RequireValid();
  return key;
}

}  // namespace

std::string KeyFileToJson(const KeyFile& file) {
  std::string json = R"({"created":)";
  AppendJsonString(json, FormatTime(file.created));
  json += R"(,"username":)";
  AppendJsonString(json, file.username);
  json += R"(,"hostname":)";
  AppendJsonString(json, file.hostname);
  json += R"(,"kdf":"scrypt","N":)";
  AppendJsonNumber(json, file.parameters.n);
  json += R"(,"r":)";
  AppendJsonNumber(json, file.parameters.r);
  json += R"(,"p":)";
  AppendJsonNumber(json, file.parameters.p);
  json += R"(,"salt":")" + Base64Encode(file.salt) + R"(","data":")" + Base64Encode(file.data) + R"("})";
  return json;
}

KeyFile KeyFileFromJson(ByteView json) {
  JsonReader reader(json, "key file");
  KeyFile file;
  bool is_scrypt = false;
  reader.Object([&](std::string_view key) {
    if (key == "kdf") {
      is_scrypt = reader.String() == "scrypt";
    } else if (key == "N") {
      file.parameters.n = reader.Unsigned();
    } else if (key == "r") {
      file.parameters.r = reader.Unsigned();
    } else if (key == "p") {
      file.parameters.p = reader.Unsigned();
    } else if (key == "salt") {
      file.salt = ReadBase64(reader);
    } else if (key == "data") {
      file.data = ReadBase64(reader);
    } else if (key == "username") {
      file.username = reader.String();
    } else if (key == "hostname") {
      file.hostname = reader.String();
    } else if (key == "created") {
      file.created = ParseTime(reader.String()).value_or(TimePoint{});
    } else {
      reader.Skip();
    }
  });
  reader.End();
  if (!is_scrypt) reader.Fail("its kdf is not scrypt");
  if (file.salt.size() != kSaltBytes) reader.Fail("its salt does not have 64 bytes");
  if (file.data.size() < kSealOverhead || file.data.size() > kMaxSealedKeyBytes)
    reader.Fail("its data is no sealed key");
  file.parameters.RequireAcceptable();
  return file;
}

KeyFile WrapMasterKey(const MasterKey& key, const Secret& password, const ScryptParameters& parameters,
                      Random& random) {
  KeyFile file;
  file.parameters = parameters;
  file.salt.resize(kSaltBytes);
  random.Fill(file.salt);
  std::string json = MasterKeyToJson(key);
  const Wiper wiper{{reinterpret_cast<uint8_t*>(json.data()), json.size()}};
  file.data = Sealer(DeriveUserKey(password, file.salt, parameters), random).Seal(AsBytes(json));
  return file;
}

std::optional<MasterKey> UnwrapMasterKey(const KeyFile& file, const Secret& password) {
  const Sealer sealer(DeriveUserKey(password, file.salt, file.parameters), SystemRandom());
  Bytes json;
  try {
    json = sealer.Open(file.data);
  } catch (const Error&) {
    return std::nullopt;
  }
  const Wiper wiper{json};
  return MasterKeyFromJson(json);
}

}  // namespace cofre::repository
