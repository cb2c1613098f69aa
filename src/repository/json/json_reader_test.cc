#include "repository/json/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::repository {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ReadString(std::string_view json) {
  JsonReader reader(AsBytes(json), "test");
  std::string value(reader.String());
  reader.End();
  return value;
}

uint64_t ReadUnsigned(std::string_view json) {
  JsonReader reader(AsBytes(json), "test");
  const uint64_t value = reader.Unsigned();
  reader.End();
  return value;
}

void SkipWhole(std::string_view json) {
  JsonReader reader(AsBytes(json), "test");
  reader.Skip();
  reader.End();
}

template <typename Function>
void ExpectCorrupt(const std::string& json, Function&& function) {
  try {
    function(json);
    ADD_FAILURE() << json << " was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(error.what(), HasSubstr("test is damaged"));
  }
}

TEST(JsonReaderTest, ReadsObjectsAndArraysAsTheyCome) {
  JsonReader reader(AsBytes(R"( { "a" : [ 1 , 2 ] , "b" : { } , "c" : [ ] , "d" : true, "e":false } )"), "test");
  std::vector<std::string> keys;
  std::vector<uint64_t> numbers;
  reader.Object([&](std::string_view key) {
    keys.emplace_back(key);
    if (key == "a") {
      reader.Array([&] { numbers.push_back(reader.Unsigned()); });
    } else if (key == "d" || key == "e") {
      EXPECT_EQ(reader.Boolean(), keys.back() == "d");
    } else {
      reader.Skip();
    }
  });
  reader.End();
  EXPECT_THAT(keys, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

TEST(JsonReaderTest, ReadsEveryEscape) {
  EXPECT_EQ(ReadString(R"("plain ñ")"), "plain ñ");
  EXPECT_EQ(ReadString(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(ReadString(R"("\u0041\u00f1\u20aC\ud83d\ude00")"), "Añ€😀");
  EXPECT_EQ(ReadString(R"("\ud83d")"), "\xef\xbf\xbd");
  EXPECT_EQ(ReadString(R"("\ud83d\u0041")"),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(ReadString(R"("\ude00")"), "\xef\xbf\xbd");
}

TEST(JsonReaderTest, RefusesStringsThatAreNone) {
  for (const char* json :
       {"\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "a", "", "\"\\ud83d\\u12\""}) {
    ExpectCorrupt(json, ReadString);
  }
}

TEST(JsonReaderTest, ReadsNumbersUpToTheirLimit) {
  EXPECT_EQ(ReadUnsigned("0"), 0u);
  EXPECT_EQ(ReadUnsigned("18446744073709551615"), UINT64_MAX);
  for (const char* json : {"18446744073709551616", "99999999999999999999", "-1", "1.5", "1e3", "01", "", "x"}) {
    ExpectCorrupt(json, ReadUnsigned);
  }
}

TEST(JsonReaderTest, ReadsIds) {
  const std::string hex = "cee1def90626cd7aa36f24cea222705218789ffd126751256fe848eceb585b8b";
  const auto read = [](const std::string& json) { return JsonReader(AsBytes(json), "test").Id(); };
  EXPECT_EQ(read('"' + hex + '"').Hex(), hex);
  std::string upper = hex;
  upper[0] = 'C';
  for (const std::string& json : {'"' + hex, '"' + hex.substr(1) + '"', '"' + hex + "0\"", '"' + upper + '"',
                                  std::string("\"\""), std::string("7")}) {
    ExpectCorrupt(json, read);
  }
}

TEST(JsonReaderTest, SkipsWhateverIsJson) {
  for (const char* json :
       {"null", "true", "false", "0", "-1.5e+10", "1E5", "\"x\"", "[]", "{}", R"([[{"a":[null]}],1])"}) {
    EXPECT_NO_THROW(SkipWhole(json)) << json;
  }
}

TEST(JsonReaderTest, SkipsNothingElse) {
  for (const char* json :
       {"nul",     "tru",      "-",          "1.",    "1e", ".5", "+1",       "01", "[1,]", "[,1]", "[1 2]",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[",  "{",  "{\"a\":1", "]",  "[}",   "1 2",  "'x'"}) {
    ExpectCorrupt(json, SkipWhole);
  }
}

TEST(JsonReaderTest, RefusesDeepNestingBeforeItsStackIsGone) {
  ExpectCorrupt(std::string(1'000'000, '['), SkipWhole);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  ExpectCorrupt(objects, SkipWhole);
}

TEST(JsonReaderTest, NullIsTakenOnlyWhereItIs) {
  JsonReader reader(AsBytes("[null,7]"), "test");
  std::vector<bool> nulls;
  reader.Array([&] {
    nulls.push_back(reader.Null());
    if (!nulls.back()) reader.Skip();
  });
  EXPECT_THAT(nulls, ElementsAre(true, false));
}

TEST(JsonReaderTest, AnErrorNamesThePlace) {
  JsonReader reader(AsBytes("[1,x]"), "index file");
  try {
    reader.Array([&] { reader.Unsigned(); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "index file is damaged: expected a number without sign at byte 3");
  }
}

}  // namespace
}  // namespace cofre::repository
