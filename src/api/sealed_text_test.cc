#include "api/sealed_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace cofre::api {
namespace {

using testing::_;

const Secret kKey(std::string(32, 'k'));

TEST(SealedTextTest, WhatIsSealedOpensForItsOwnerAndItsKeyAlone) {
  const std::string sealed = SealText(kKey, "ana", Secret("the secret"), SystemRandom());
  EXPECT_EQ(OpenSealedText(kKey, "ana", sealed).Reveal(), "the secret");
  EXPECT_EQ(sealed.find("the secret"), std::string::npos);
  EXPECT_NE(sealed, SealText(kKey, "ana", Secret("the secret"), SystemRandom()));
  EXPECT_ERROR(OpenSealedText(kKey, "olga", sealed), ErrorKind::kAuth, _);
  EXPECT_ERROR(OpenSealedText(Secret(std::string(32, 'x')), "ana", sealed), ErrorKind::kAuth, _);
}

TEST(SealedTextTest, NoChangedByteAndNoPieceOpens) {
  const std::string sealed = SealText(kKey, "ana", Secret("the secret"), SystemRandom());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_ERROR(OpenSealedText(kKey, "ana", changed), ErrorKind::kAuth, _);
    EXPECT_ERROR(OpenSealedText(kKey, "ana", sealed.substr(0, i)), ErrorKind::kAuth, _);
  }
}

}  // namespace
}  // namespace cofre::api
