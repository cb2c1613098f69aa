#include "base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace cofre {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"almacen", "catalogo", "clave_maestra", "zona_horaria"};

TEST(SuggestTest, FindsTheWordThatWasMistyped) {
  EXPECT_EQ(NearestWord("alamcen", kKnown), "almacen");  // swapped
  EXPECT_EQ(NearestWord("almacén", kKnown), "almacen");  // an accent is two bytes
  EXPECT_EQ(NearestWord("zonahoraria", kKnown), "zona_horaria");
  EXPECT_EQ(NearestWord("CATALOGO", kKnown), "catalogo");
}

TEST(SuggestTest, SaysNothingWhereNoWordIsNear) {
  EXPECT_EQ(NearestWord("bucket", kKnown), "");
  EXPECT_EQ(NearestWord("", kKnown), "");
  EXPECT_EQ(NearestWord(std::string(10000, 'a'), kKnown), "");
}

TEST(SuggestTest, ListsTheKnownWordsWhereNoneIsNear) {
  EXPECT_EQ(Suggestion("almacn", kKnown), "did you mean 'almacen'?");
  EXPECT_EQ(Suggestion("bucket", kKnown), "known are: almacen, catalogo, clave_maestra, zona_horaria");
}

}  // namespace
}  // namespace cofre
