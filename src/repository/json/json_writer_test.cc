#include "repository/json/json_writer.h"

#include <gtest/gtest.h>

#include "repository/json/json_reader.h"

namespace cofre::repository {
namespace {

std::string Written(std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

// As Go 1.19's encoding/json does it.
TEST(JsonWriterTest, WritesStringsAsGoDoes) {
  EXPECT_EQ(Written(""), "\"\"");
  EXPECT_EQ(Written("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Written("\n\r\t\b\x01\x7f"), "\"\\n\\r\\t\\u0008\\u0001\x7f\"");
  EXPECT_EQ(Written("<a>&b"), R"("\u003ca\u003e\u0026b")");
  EXPECT_EQ(Written("ñ€😀"), "\"ñ€😀\"");
  EXPECT_EQ(Written("\xe2\x80\xa8\xe2\x80\xa9"), R"("\u2028\u2029")");
}

TEST(JsonWriterTest, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(Written("a\xff"), R"("a\ufffd")");
  EXPECT_EQ(Written("\xc0\x80"), R"("\ufffd\ufffd")");            // overlong
  EXPECT_EQ(Written("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");  // a surrogate
  EXPECT_EQ(Written("\xe2\x82"), R"("\ufffd\ufffd")");            // cut
}

TEST(JsonWriterTest, EveryByteComesBackThroughTheReader) {
  for (int c = 0; c < 128; ++c) {
    const std::string text(1, static_cast<char>(c));
    const std::string json = Written(text);
    EXPECT_EQ(JsonReader(AsBytes(json), "test").String(), text);
  }
}

TEST(JsonWriterTest, WritesNumbersAndIds) {
  std::string json;
  AppendJsonNumber(json, UINT64_MAX);
  AppendJsonId(json, Sha256(AsBytes("abc")));
  EXPECT_EQ(json, "18446744073709551615\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
}

}  // namespace
}  // namespace cofre::repository
