#include "engine/master_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace cofre::engine {
namespace {

using ::testing::HasSubstr;

MasterKey SomeKey(uint64_t seed = 7) {
  SeededRandom random(seed);
  return MasterKey::Generate(random);
}

Error ErrorOfParsing(const std::string& text) {
  try {
    MasterKey::Parse(text);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "accepted " << text;
  return {ErrorKind::kUsage, ""};
}

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  const size_t length = fread(buffer.data(), 1, buffer.size(), pipe);
  pclose(pipe);
  return {buffer.data(), length};
}

TEST(MasterKeyTest, ReadsBackItsOwnText) {
  const MasterKey key = SomeKey();
  EXPECT_EQ(MasterKey::Parse(key.Format().Reveal()).Hex().Reveal(), key.Hex().Reveal());
}

TEST(MasterKeyTest, IgnoresCaseBlanksAndDashesAndTheMark) {
  const MasterKey key = SomeKey();
  std::string text = " COFRE1\n" + key.Format().Reveal();
  for (char& c : text) c = c == '-' ? ' ' : static_cast<char>(std::toupper(c));
  EXPECT_EQ(MasterKey::Parse(text).Hex().Reveal(), key.Hex().Reveal());
}

TEST(MasterKeyTest, TakesLettersForTheDigitsTheyLookLike) {
  std::string text = SomeKey().Format().Reveal();
  const std::string as_printed = text;
  for (char& c : text) c = c == '0' ? 'O' : c == '1' ? 'l' : c;
  ASSERT_NE(text, as_printed);
  EXPECT_EQ(MasterKey::Parse(text).Format().Reveal(), as_printed);
}

TEST(MasterKeyTest, NamesTheMistypedGroup) {
  std::string text = SomeKey().Format().Reveal();
  char& digit = text[3 * 12 + 2];  // group 4; a group takes 12 characters
  digit = digit == '7' ? '8' : '7';
  const Error error = ErrorOfParsing(text);
  EXPECT_EQ(error.kind(), ErrorKind::kAuth);
  EXPECT_THAT(error.what(), HasSubstr("group 4"));
}

TEST(MasterKeyTest, NoticesSwappedGroups) {
  const std::string text = SomeKey().Format().Reveal();
  const std::string swapped = text.substr(12, 12) + text.substr(0, 12) + text.substr(24);
  EXPECT_THAT(ErrorOfParsing(swapped).what(), HasSubstr("group 1"));
}

TEST(MasterKeyTest, NoticesAGroupOfAnotherKey) {
  const std::string text = SomeKey(7).Format().Reveal();
  const std::string other = SomeKey(8).Format().Reveal();
  EXPECT_THAT(ErrorOfParsing(other.substr(0, 12) + text.substr(12)).what(), HasSubstr("group 9"));
}

TEST(MasterKeyTest, SaysHowManyDigitsAreMissing) {
  std::string text = SomeKey().Format().Reveal();
  text.pop_back();
  EXPECT_THAT(ErrorOfParsing(text).what(), HasSubstr("89 digits instead of 90"));
  EXPECT_THAT(ErrorOfParsing("").what(), HasSubstr("0 digits instead of 90"));
}

TEST(MasterKeyTest, RefusesWhatIsNoDigitWithoutRepeatingIt) {
  const Error error = ErrorOfParsing("my secret password");
  EXPECT_THAT(error.what(), HasSubstr("group 1"));
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
}

TEST(MasterKeyTest, ItsFileIsForItsOwnerAloneAndIsNeverWrittenOver) {
  const test::TemporaryFolder folder;
  const std::string path = folder.File("master.key");
  const MasterKey key = SomeKey();
  key.WriteNewFile(path);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
  EXPECT_EQ(MasterKey::ReadFile(path).Hex().Reveal(), key.Hex().Reveal());
  EXPECT_THROW(SomeKey(8).WriteNewFile(path), Error);
  EXPECT_EQ(MasterKey::ReadFile(path).Hex().Reveal(), key.Hex().Reveal());
}

TEST(MasterKeyTest, AWrongFileIsNamed) {
  const test::TemporaryFolder folder;
  WriteSecretFile(folder.File("master.key"), Secret("abc"));
  try {
    MasterKey::ReadFile(folder.File("master.key"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("master.key"));
  }
}

TEST(MasterKeyTest, RepositoriesHavePasswordsOfTheirOwn) {
  const MasterKey key = SomeKey();
  const std::string one = key.RepositoryPassword("srv1/900869750").Reveal();
  EXPECT_EQ(one.size(), 64U);
  EXPECT_EQ(one, key.RepositoryPassword("srv1/900869750").Reveal());
  EXPECT_NE(one, key.RepositoryPassword("srv1/900869751").Reveal());
  EXPECT_NE(one, SomeKey(8).RepositoryPassword("srv1/900869750").Reveal());
}

// The recovery sheet promises this.
TEST(MasterKeyTest, OpensslDerivesTheSamePassword) {
  const MasterKey key = SomeKey();
  const std::string derived =
      OutputOf("openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:" + key.Hex().Reveal() +
               " -kdfopt salt:cofre -kdfopt 'info:repository srv1/900869750' HKDF"
               " | tr -d ':\\n' | tr A-F a-f");
  EXPECT_EQ(derived, key.RepositoryPassword("srv1/900869750").Reveal());
}

}  // namespace
}  // namespace cofre::engine
