#include "storage/store_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace cofre::storage {
namespace {

using testing::HasSubstr;

std::string Problem(const std::string& url) {
  try {
    ParseStoreUrl(url);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "";
}

TEST(StoreUrlTest, AFolder) {
  const StoreUrl url = ParseStoreUrl("file:/var/lib/cofre/caf\xc3\xa9 store");
  EXPECT_EQ(url.kind, StoreUrl::Kind::kLocal);
  EXPECT_EQ(url.path, "/var/lib/cofre/caf\xc3\xa9 store");
  EXPECT_EQ(ParseStoreUrl("file:///a/b").path, "/a/b");
}

TEST(StoreUrlTest, ABucket) {
  const StoreUrl url = ParseStoreUrl("s3:https://S3.Example.com/my-bucket/a/b/");
  EXPECT_EQ(url.kind, StoreUrl::Kind::kS3);
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "s3.example.com");
  EXPECT_EQ(url.bucket, "my-bucket");
  EXPECT_EQ(url.prefix, "a/b");
}

TEST(StoreUrlTest, PlainHttpAndPorts) {
  const StoreUrl url = ParseStoreUrl("s3:http://127.0.0.1:7480/bucket");
  EXPECT_FALSE(url.tls);
  EXPECT_EQ(url.host, "127.0.0.1:7480");
  EXPECT_EQ(url.prefix, "");
  EXPECT_EQ(ParseStoreUrl("s3:http://[::1]:80/bucket").host, "[::1]") << "the scheme's own port is not said in Host";
  EXPECT_EQ(ParseStoreUrl("s3:https://h:443/bucket").host, "h");
  EXPECT_EQ(ParseStoreUrl("s3:https://h:80/bucket").host, "h:80");
}

TEST(StoreUrlTest, TheSchemeMayBeLeftOut) {
  const StoreUrl url = ParseStoreUrl("s3:s3.amazonaws.com/bucket/p");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "s3.amazonaws.com");
}

TEST(StoreUrlTest, WhatIsOffIsNamed) {
  EXPECT_THAT(Problem(""), HasSubstr("neither file: nor s3:"));
  EXPECT_THAT(Problem("/var/lib"), HasSubstr("neither file: nor s3:"));
  EXPECT_THAT(Problem("sftp:host/x"), HasSubstr("neither file: nor s3:"));
  EXPECT_THAT(Problem("file:relative"), HasSubstr("path"));
  EXPECT_THAT(Problem("file:"), HasSubstr("path"));
  EXPECT_THAT(Problem("s3:"), HasSubstr("host is missing"));
  EXPECT_THAT(Problem("s3:https://"), HasSubstr("host is missing"));
  EXPECT_THAT(Problem("s3:https:///bucket"), HasSubstr("host is missing"));
  EXPECT_THAT(Problem("s3:ftp://host/bucket"), HasSubstr("https:// or http://"));
  EXPECT_THAT(Problem("s3:https://host"), HasSubstr("bucket is missing"));
  EXPECT_THAT(Problem("s3:https://host/"), HasSubstr("bucket is missing"));
  EXPECT_THAT(Problem("s3:https://host:0/bucket"), HasSubstr("port '0'"));
  EXPECT_THAT(Problem("s3:https://host:70000/bucket"), HasSubstr("port '70000'"));
  EXPECT_THAT(Problem("s3:https://host:/bucket"), HasSubstr("port ''"));
  EXPECT_THAT(Problem("s3:https://ho st/bucket"), HasSubstr("no host name"));
  EXPECT_THAT(Problem("s3:https://[::1/bucket"), HasSubstr("']'"));
  EXPECT_THAT(Problem("s3:https://[zz]/bucket"), HasSubstr("IPv6"));
  EXPECT_THAT(Problem("s3:https://host/ab"), HasSubstr("3 to 63"));
  EXPECT_THAT(Problem("s3:https://host/bucket%20x"), HasSubstr("characters other than"));
  EXPECT_THAT(Problem("s3:https://host/a..b"), HasSubstr(".."));
  EXPECT_THAT(Problem("s3:https://host/bucket/a//b"), HasSubstr("prefix"));
  EXPECT_THAT(Problem("s3:https://host/bucket/../x"), HasSubstr("prefix"));
  EXPECT_THAT(Problem("s3:https://host/bucket/x?y"), HasSubstr("'?'"));
  EXPECT_THAT(Problem("s3:https://host/bucket/" + std::string(2000, 'x')), HasSubstr("longer"));
}

TEST(StoreUrlTest, KeysInAUrlAreRefused) {
  EXPECT_THAT(Problem("s3:https://user:pass@host/bucket"), HasSubstr("keys do not belong"));
  EXPECT_THAT(Problem("s3:https://user:pass@host/bucket"), Not(HasSubstr("pass")));
}

class OpenStoreTest : public testing::Test {
 protected:
  std::shared_ptr<ObjectStore> Open(const std::string& url) { return OpenStore(url, options_, clock_, random_); }

  OpenStoreTest() {
    options_.access_key = "AK";
    options_.secret_key = Secret("SK");
  }

  test::TemporaryFolder folder_;
  test::ManualClock clock_{TimePoint{}};
  SeededRandom random_{1};
  StoreOptions options_;
};

TEST_F(OpenStoreTest, AFolderIsReadyForUse) {
  const auto store = Open("file:" + folder_.path().string());
  store->Put("a/b", AsBytes("x"), std::nullopt, {});
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "a/b"));
  EXPECT_EQ(store->Describe(), "file:" + folder_.path().string());
}

TEST_F(OpenStoreTest, AMissingFolderIsNotFoundUnlessItShallBeMade) {
  EXPECT_THROW(Open("file:" + folder_.File("new")), Error);
  options_.create_local_folder = true;
  EXPECT_NO_THROW(Open("file:" + folder_.File("new")));
}

TEST_F(OpenStoreTest, ABucketIsOpenedWithoutARequest) {
  EXPECT_EQ(Open("s3:https://host.invalid/bucket/a/b/")->Describe(), "s3:https://host.invalid/bucket/a/b");
}

TEST_F(OpenStoreTest, HalfTheKeysAreAnError) {
  options_.access_key = "";
  try {
    Open("s3:https://host.invalid/bucket");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kAuth);
  }
}

}  // namespace
}  // namespace cofre::storage
