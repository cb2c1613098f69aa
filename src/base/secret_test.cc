#include "base/secret.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace cofre {
namespace {

using test::TemporaryFolder;

static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be printable by accident");
static_assert(!std::is_convertible_v<Secret, std::string>);

// Short enough to live inside the string object itself, which a move copies.
constexpr char kShort[] = "hunter2!";

// An object in storage that can still be looked at when the object has gone.
template <typename Object>
struct Storage {
  alignas(Object) std::array<unsigned char, sizeof(Object)> bytes{};

  template <typename From>
  Object* Make(From&& from) {
    return new (bytes.data()) Object(std::forward<From>(from));
  }
  bool Contains(const std::string& text) const {
    return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
  }
};

Error ErrorOfReading(const std::string& path) {
  try {
    ReadSecretFile(path);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::kUsage, "");
}

TEST(SecretTest, IsWipedWhenItGoes) {
  Storage<Secret> storage;
  Secret* secret = storage.Make(Secret(kShort));
  ASSERT_TRUE(storage.Contains(kShort));
  std::destroy_at(secret);
  EXPECT_FALSE(storage.Contains("unter2"));
}

TEST(SecretTest, AMoveLeavesNothingBehind) {
  Storage<Secret> storage;
  Secret* secret = storage.Make(Secret(kShort));
  Secret other;
  other = std::move(*secret);
  EXPECT_FALSE(storage.Contains("unter2"));
  const Secret last(std::move(other));
  EXPECT_EQ(last.Reveal(), kShort);
  EXPECT_TRUE(secret->empty());
  std::destroy_at(secret);
}

TEST(SecretTest, TheTextItIsMadeOfIsWiped) {
  Storage<std::string> storage;
  std::string* text = storage.Make(kShort);
  const Secret secret(std::move(*text));
  EXPECT_FALSE(storage.Contains("unter2"));
  EXPECT_EQ(secret.Reveal(), kShort);
  std::destroy_at(text);
}

TEST(SecretTest, ACopyIsIndependent) {
  Secret first{std::string(kShort)};
  Secret second;
  second = first;
  first = Secret("another");
  EXPECT_EQ(second.Reveal(), kShort);
  second = *&second;
  EXPECT_EQ(second.Reveal(), kShort);
  EXPECT_EQ(AsText(second.RevealBytes()), kShort);
}

TEST(SecretFileTest, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  WriteSecretFile(path, Secret("pässwörd with blanks "));
  EXPECT_EQ(ReadSecretFile(path).Reveal(), "pässwörd with blanks ");
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(SecretFileTest, OneLineEndIsTakenAway) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  const std::pair<const char*, const char*> contents[] = {
      {"a", "a"}, {"a\n", "a"}, {"a\r\n", "a"}, {"a\n\n", "a\n"}, {" a \n", " a "}};
  for (const auto& [content, secret] : contents) {
    WriteFileAtomically(path, AsBytes(content), 0600);
    EXPECT_EQ(ReadSecretFile(path).Reveal(), secret);
  }
}

TEST(SecretFileTest, ACredentialOfSystemdGoesBeforeTheFileOfItsName) {
  const TemporaryFolder folder;
  const TemporaryFolder credentials;
  WriteSecretFile(folder.File("key"), Secret("from the file"));
  WriteSecretFile(folder.File("other"), Secret("other"));
  WriteSecretFile(credentials.File("key"), Secret("from systemd"));
  setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1);
  const std::string key = ReadSecretFile(folder.File("key")).Reveal();
  const std::string other = ReadSecretFile(folder.File("other")).Reveal();
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(key, "from systemd");
  EXPECT_EQ(other, "other");
}

TEST(SecretFileTest, AnExistingFileIsNeverOverwritten) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  WriteSecretFile(path, Secret("first"));
  try {
    WriteSecretFile(path, Secret("second"));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  }
  EXPECT_EQ(ReadSecretFile(path).Reveal(), "first");
}

TEST(SecretFileTest, AFileThatOthersMayReadIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  WriteFileAtomically(path, AsBytes("open"), 0604);
  const Error error = ErrorOfReading(path);
  EXPECT_EQ(error.kind(), ErrorKind::kAuth);
  EXPECT_EQ(error.hint(), "chmod 600 '" + path + "'");
  WriteFileAtomically(path, AsBytes("for the group"), 0640);
  EXPECT_EQ(ReadSecretFile(path).Reveal(), "for the group");
}

TEST(SecretFileTest, AMissingOrEmptyFileOrAFolderIsKindAuth) {
  const TemporaryFolder folder;
  EXPECT_EQ(ErrorOfReading(folder.File("missing")).kind(), ErrorKind::kAuth);
  for (const char* content : {"", "\n", "\r\n"}) {
    WriteFileAtomically(folder.File("empty"), AsBytes(content), 0600);
    EXPECT_EQ(ErrorOfReading(folder.File("empty")).kind(), ErrorKind::kAuth);
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(ErrorOfReading(folder.path().string()).kind(), ErrorKind::kAuth);
}

TEST(SecretFileTest, SixtyFourKibibytesFitAndNotOneMore) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  const std::string largest(64 * 1024, 'k');
  WriteFileAtomically(path, AsBytes(largest), 0600);
  EXPECT_EQ(ReadSecretFile(path).Reveal(), largest);
  WriteFileAtomically(path, AsBytes(largest + "k"), 0600);
  EXPECT_EQ(ErrorOfReading(path).kind(), ErrorKind::kAuth);
}

TEST(SecretFileTest, AnErrorNamesTheFileAndNotTheSecret) {
  const TemporaryFolder folder;
  const std::string path = folder.File("key");
  WriteFileAtomically(path, AsBytes(std::string(kShort)), 0644);
  const std::string message = ErrorOfReading(path).what();
  EXPECT_NE(message.find(path), std::string::npos);
  EXPECT_EQ(message.find(kShort), std::string::npos);
}

}  // namespace
}  // namespace cofre
