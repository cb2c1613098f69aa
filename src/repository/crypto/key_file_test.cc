#include "repository/crypto/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"

namespace cofre::repository {
namespace {

using testing::HasSubstr;

Bytes Counting(size_t count) {
  Bytes bytes(count);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return bytes;
}

ErrorKind KindOf(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::kUsage;
}

void ExpectAcceptable(const ScryptParameters& parameters) { EXPECT_NO_THROW(parameters.RequireAcceptable()); }

void ExpectRefused(const ScryptParameters& parameters) {
  EXPECT_EQ(KindOf([&] { parameters.RequireAcceptable(); }), ErrorKind::kCorrupt)
      << parameters.n << " " << parameters.r << " " << parameters.p;
}

MasterKey SomeKey() { return MasterKey::FromBytes(Counting(64)); }

// restic 0.14 opened a repository keyed with it.
TEST(ScryptTest, AgreesWithRestic) {
  const MasterKey key = DeriveUserKey(Secret("test"), Counting(64), {16, 8, 1});
  EXPECT_EQ(HexEncode(key.encrypt), "e7fbb51fbaf24826b8c895877a233e212d58f265149256fdf442af03de154bf7");
  EXPECT_EQ(HexEncode(key.mac_k), "fc980a4f117f1d8aa19fce05acf175a1");
  EXPECT_EQ(HexEncode(key.mac_r), "638674dca532e53b2db521e62643b587");
}

TEST(ScryptTest, TakesWhatResticTakes) {
  ExpectAcceptable({2, 8, 1});
  ExpectAcceptable({16, 1, 1});
  ExpectAcceptable({32768, 8, 7});
  ExpectAcceptable({1 << 17, 8, 1});
}

TEST(ScryptTest, RefusesWhatResticRefuses) {
  ExpectRefused({1, 8, 1});
  ExpectRefused({24, 8, 1});
  ExpectRefused({uint64_t{1} << 22, 8, 1});
  ExpectRefused({16, 0, 1});
  ExpectRefused({16, 8, 0});
}

TEST(ScryptTest, RefusesTooMuchMemoryAndEndlessWork) {
  ExpectRefused({1 << 20, 8, 1});  // 1 GiB
  ExpectRefused({uint64_t{1} << 63, 1, 1});
  ExpectRefused({2, uint64_t{1} << 63, 2});  // overflows when multiplied
  ExpectRefused({1 << 15, 8, 1 << 10});
}

TEST(KeyFileTest, OpensWithItsPasswordAfterATripThroughJson) {
  const MasterKey key = MasterKey::Generate(SystemRandom());
  KeyFile file = WrapMasterKey(key, Secret("geheim"), kOwnScryptParameters, SystemRandom());
  file.hostname = "h\"1";
  const KeyFile read = KeyFileFromJson(AsBytes(KeyFileToJson(file)));
  EXPECT_EQ(read.hostname, "h\"1");
  const auto opened = UnwrapMasterKey(read, Secret("geheim"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->encrypt, key.encrypt);
  EXPECT_EQ(opened->mac_k, key.mac_k);
  EXPECT_EQ(opened->mac_r, key.mac_r);
}

TEST(KeyFileTest, DoesNotOpenWithAnotherPassword) {
  const KeyFile file = WrapMasterKey(SomeKey(), Secret("a"), kOwnScryptParameters, SystemRandom());
  EXPECT_FALSE(UnwrapMasterKey(file, Secret("b")));
}

TEST(KeyFileTest, AMasterKeyOfZerosIsCorrupt) {
  KeyFile file = WrapMasterKey(SomeKey(), Secret("a"), kOwnScryptParameters, SystemRandom());
  const Sealer sealer(DeriveUserKey(Secret("a"), file.salt, file.parameters), SystemRandom());
  for (const char* json :
       {R"({})", R"({"mac":{"k":"AAAAAAAAAAAAAAAAAAAAAA==","r":"AAAAAAAAAAAAAAAAAAAAAA=="},"encrypt":"AA=="})",
        R"({"encrypt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})", "not json"}) {
    file.data = sealer.Seal(AsBytes(json));
    EXPECT_EQ(KindOf([&] { UnwrapMasterKey(file, Secret("a")); }), ErrorKind::kCorrupt) << json;
  }
}

TEST(KeyFileTest, RefusesWhatIsNoKeyFile) {
  const KeyFile file = WrapMasterKey(SomeKey(), Secret("a"), kOwnScryptParameters, SystemRandom());
  const std::string good = KeyFileToJson(file);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string json = good;
    json.replace(json.find(from), from.size(), to);
    return json;
  };
  KeyFile short_salt = file;
  short_salt.salt.resize(63);
  KeyFile no_data = file;
  no_data.data.clear();
  KeyFile much_data = file;
  much_data.data.resize(100000);
  for (const std::string& json :
       {with("scrypt", "argon2"), with("\"N\":16", "\"N\":17"), with("\"N\":16", "\"N\":4294967296"),
        with("\"r\":8", "\"r\":-8"), with("\"salt\":\"", "\"salt\":\"*"), KeyFileToJson(short_salt),
        KeyFileToJson(no_data), KeyFileToJson(much_data), good + "x", std::string("{}"), std::string("[]"),
        std::string()}) {
    EXPECT_EQ(KindOf([&] { KeyFileFromJson(AsBytes(json)); }), ErrorKind::kCorrupt) << json;
  }
}

TEST(KeyFileTest, HoldsNeitherPasswordNorKeyInPlain) {
  const MasterKey key = SomeKey();
  const std::string json = KeyFileToJson(WrapMasterKey(key, Secret("geheim"), kOwnScryptParameters, SystemRandom()));
  EXPECT_THAT(json, Not(HasSubstr("geheim")));
  EXPECT_THAT(json, Not(HasSubstr(Base64Encode(key.encrypt))));
}

}  // namespace
}  // namespace cofre::repository
