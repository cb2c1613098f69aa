#include "repository/config_file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "repository/polynomial.h"

namespace cofre::repository {
namespace {

TEST(PolynomialTest, KnowsSmallIrreducibles) {
  // x, x+1, x^2+x+1, x^3+x+1, x^4+x+1, AES's x^8+x^4+x^3+x+1.
  for (const uint64_t polynomial : {0b10, 0b11, 0b111, 0b1011, 0b10011, 0b100011011}) {
    EXPECT_TRUE(IsIrreducible(polynomial)) << polynomial;
  }
  // 0, 1, x^2, x^2+1 = (x+1)^2, x^4+x^2+1 = (x^2+x+1)^2, x^8+1.
  for (const uint64_t polynomial : {0b0, 0b1, 0b100, 0b101, 0b10101, 0b100000001}) {
    EXPECT_FALSE(IsIrreducible(polynomial)) << polynomial;
  }
}

TEST(PolynomialTest, CountsAsManyIrreduciblesAsThereAre) {
  int count = 0;
  for (uint64_t polynomial = 1 << 10; polynomial < 1 << 11; ++polynomial) count += IsIrreducible(polynomial) ? 1 : 0;
  EXPECT_EQ(count, 99);  // necklaces: (2^10 - 2^5 - 2^2 + 2) / 10
}

// From restic's documentation and its chunker's tests.
TEST(PolynomialTest, KnowsResticsOwn) {
  EXPECT_TRUE(IsIrreducible(0x25b468838dcb75));
  EXPECT_TRUE(IsIrreducible(0x3DA3358B4DC173));
  EXPECT_FALSE(IsIrreducible(0x25b468838dcb77));
}

TEST(PolynomialTest, RandomOnesAreAsResticMakesThem) {
  SeededRandom random(1);
  for (int i = 0; i < 20; ++i) {
    const uint64_t polynomial = RandomIrreduciblePolynomial(random);
    EXPECT_TRUE(IsIrreducible(polynomial));
    EXPECT_EQ(polynomial >> 53, 1u);
    EXPECT_EQ(polynomial & 1, 1u);
  }
}

TEST(ConfigFileTest, GivesBackWhatWasWritten) {
  const RepositoryConfig config = RandomConfig(SystemRandom());
  const RepositoryConfig read = ConfigFromJson(AsBytes(ConfigToJson(config)));
  EXPECT_EQ(read.version, 2u);
  EXPECT_EQ(read.id, config.id);
  EXPECT_EQ(read.chunker_polynomial, config.chunker_polynomial);
}

TEST(ConfigFileTest, NoTwoRepositoriesShareAnId) {
  EXPECT_NE(RandomConfig(SystemRandom()).id, RandomConfig(SystemRandom()).id);
}

ErrorKind Refusal(const std::string& json) {
  try {
    ConfigFromJson(AsBytes(json));
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << json << " was taken";
  return ErrorKind::kCancelled;
}

TEST(ConfigFileTest, AnotherVersionIsNotOpened) {
  const std::string rest = R"(,"id":")" + std::string(64, 'a') + R"(","chunker_polynomial":"25b468838dcb75"})";
  EXPECT_EQ(Refusal(R"({"version":3)" + rest), ErrorKind::kUsage);
  EXPECT_EQ(Refusal(R"({"version":1)" + rest), ErrorKind::kUsage);
  EXPECT_NO_THROW(ConfigFromJson(AsBytes(R"({"future":[1],"version":2)" + rest)));
}

TEST(ConfigFileTest, WhatIsNoConfigIsCorrupt) {
  const std::string id(64, 'a');
  for (const std::string& json : {R"({"version":2,"id":"short","chunker_polynomial":"25b468838dcb75"})" + std::string(),
                                  R"({"version":2,"id":")" + id + R"(","chunker_polynomial":"25b468838dcb77"})",
                                  R"({"version":2,"id":")" + id + R"(","chunker_polynomial":"x"})",
                                  R"({"version":2,"id":")" + id + R"(","chunker_polynomial":"fffffffffffffffff"})",
                                  R"({"version":2,"id":")" + id + R"("})", std::string("[]"), std::string()}) {
    EXPECT_EQ(Refusal(json), ErrorKind::kCorrupt) << json;
  }
}

}  // namespace
}  // namespace cofre::repository
