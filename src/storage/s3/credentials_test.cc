#include "storage/s3/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace cofre::storage::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFile = R"(# comment
[default]
aws_access_key_id = AKDEFAULT
aws_secret_access_key=SK/with+odd=characters==

; another comment
[ nightly ]
AWS_ACCESS_KEY_ID=AKNIGHT
aws_secret_access_key =   SKNIGHT
aws_session_token = TOKEN
region = eu-central-1
s3 =
  aws_access_key_id = nested

[half]
aws_access_key_id = AKHALF
)";

TEST(CredentialsFileTest, AProfileHasKeysAndPerhapsAToken) {
  const auto standard = ParseCredentialsFile(kFile, "default");
  ASSERT_TRUE(standard);
  EXPECT_EQ(standard->access_key, "AKDEFAULT");
  EXPECT_EQ(standard->secret_key.Reveal(), "SK/with+odd=characters==");
  EXPECT_TRUE(standard->session_token.empty());

  const auto nightly = ParseCredentialsFile(kFile, "nightly");
  ASSERT_TRUE(nightly);
  EXPECT_EQ(nightly->access_key, "AKNIGHT");
  EXPECT_EQ(nightly->secret_key.Reveal(), "SKNIGHT");
  EXPECT_EQ(nightly->session_token.Reveal(), "TOKEN");
}

TEST(CredentialsFileTest, LineEndsOfWindowsAreLineEnds) {
  const auto found = ParseCredentialsFile("[default]\r\naws_access_key_id=A\r\naws_secret_access_key=B\r\n", "default");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret_key.Reveal(), "B");
}

TEST(CredentialsFileTest, AnUnknownProfileIsNone) {
  EXPECT_FALSE(ParseCredentialsFile(kFile, "weekly"));
  EXPECT_FALSE(ParseCredentialsFile("", "default"));
}

std::string Failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kAuth);
    return error.what();
  }
  return "";
}

TEST(CredentialsFileTest, HalfAProfileIsAnError) {
  EXPECT_THAT(Failure([] { ParseCredentialsFile(kFile, "half"); }), HasSubstr("'half' lacks"));
}

TEST(CredentialsFileTest, ALineThatIsNothingIsNamedWithoutItsContent) {
  const std::string message = Failure([] { ParseCredentialsFile("[default]\nSECRETSECRET\n", "default"); });
  EXPECT_THAT(message, HasSubstr("line 2"));
  EXPECT_THAT(message, Not(HasSubstr("SECRETSECRET")));
}

class FindCredentialsTest : public testing::Test {
 protected:
  Environment Variables() {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
  }
  void WriteFile(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }

  test::TemporaryFolder folder_;
  std::map<std::string, std::string> variables_{{"HOME", folder_.path().string()}};
};

TEST_F(FindCredentialsTest, TheEnvironmentComesFirst) {
  WriteFile(".aws/credentials", kFile);
  variables_["AWS_ACCESS_KEY_ID"] = "AKENV";
  variables_["AWS_SECRET_ACCESS_KEY"] = "SKENV";
  EXPECT_TRUE(FindCredentials(Variables()).session_token.empty());
  variables_["AWS_SESSION_TOKEN"] = "TOKENENV";
  const Credentials found = FindCredentials(Variables());
  EXPECT_EQ(found.access_key, "AKENV");
  EXPECT_EQ(found.secret_key.Reveal(), "SKENV");
  EXPECT_EQ(found.session_token.Reveal(), "TOKENENV");
}

TEST_F(FindCredentialsTest, ThenTheFileWithItsDefaultOrNamedProfile) {
  WriteFile(".aws/credentials", kFile);
  EXPECT_EQ(FindCredentials(Variables()).access_key, "AKDEFAULT");
  variables_["AWS_PROFILE"] = "nightly";
  EXPECT_EQ(FindCredentials(Variables()).access_key, "AKNIGHT");
}

TEST_F(FindCredentialsTest, TheFileMayLieElsewhere) {
  WriteFile("other", kFile);
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = folder_.File("other");
  EXPECT_EQ(FindCredentials(Variables()).access_key, "AKDEFAULT");
}

TEST_F(FindCredentialsTest, WhereThereAreNoneTheMessageSaysWhereWasLooked) {
  EXPECT_THAT(Failure([&] { FindCredentials(Variables()); }), HasSubstr(folder_.File(".aws/credentials")));
  variables_.clear();
  EXPECT_THAT(Failure([&] { FindCredentials(Variables()); }), HasSubstr("no S3 keys"));
}

TEST_F(FindCredentialsTest, HalfInTheEnvironmentIsAnError) {
  variables_["AWS_ACCESS_KEY_ID"] = "AKENV";
  EXPECT_THAT(Failure([&] { FindCredentials(Variables()); }), HasSubstr("only one of"));
}

TEST_F(FindCredentialsTest, AMissingProfileNamesFileAndProfile) {
  WriteFile(".aws/credentials", kFile);
  variables_["AWS_PROFILE"] = "weekly";
  const std::string message = Failure([&] { FindCredentials(Variables()); });
  EXPECT_THAT(message, HasSubstr("'weekly'"));
  EXPECT_THAT(message, HasSubstr(".aws/credentials"));
}

}  // namespace
}  // namespace cofre::storage::s3
