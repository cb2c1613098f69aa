#include "storage/s3/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::storage::s3 {
namespace {

using io::HttpHeader;
using testing::HasSubstr;

constexpr const char* kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// AWS's Signature Version 4 test suite: one service, one day, signatures published.
class SuiteTest : public testing::Test {
 protected:
  std::string Signature(SignableRequest request, std::vector<HttpHeader> more_headers = {}) {
    request.headers = std::move(more_headers);
    request.headers.push_back({.name = "Host", .value = "example.amazonaws.com"});
    request.headers.push_back({.name = "X-Amz-Date", .value = "20150830T123600Z"});
    if (request.payload_hash.empty()) request.payload_hash = kEmptyHash;
    const std::string value = signer_.Authorization(request, *ParseTime("2015-08-30T12:36:00Z"));
    return value.substr(value.rfind('=') + 1);
  }
  std::string QuerySignature(const QueryParameters& parameters) {
    return Signature({.method = "GET", .path = "/", .query = CanonicalQuery(parameters)});
  }

  Signer signer_{{.access_key = "AKIDEXAMPLE", .secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")},
                 "us-east-1",
                 "service"};
};

TEST_F(SuiteTest, GetVanilla) {
  EXPECT_EQ(QuerySignature({}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_F(SuiteTest, PostVanilla) {
  EXPECT_EQ(Signature({.method = "POST", .path = "/"}),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST_F(SuiteTest, GetVanillaEmptyQueryKey) {
  EXPECT_EQ(QuerySignature({{"Param1", "value1"}}), "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
}

TEST_F(SuiteTest, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(QuerySignature({{"Param2", "value2"}, {"Param1", "value1"}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_F(SuiteTest, GetVanillaQueryOrderValue) {
  EXPECT_EQ(QuerySignature({{"Param1", "value2"}, {"Param1", "value1"}}),
            "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694");
}

TEST_F(SuiteTest, GetVanillaQueryUnreserved) {
  const std::string unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  EXPECT_EQ(QuerySignature({{unreserved, unreserved}}),
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197");
}

TEST_F(SuiteTest, GetVanillaUtf8Query) {
  EXPECT_EQ(QuerySignature({{"\xe1\x88\xb4", "bar"}}),
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
}

TEST_F(SuiteTest, GetUtf8Path) {
  EXPECT_EQ(Signature({.method = "GET", .path = UriEncode("/\xe1\x88\xb4", true)}),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

TEST_F(SuiteTest, GetHeaderKeyDuplicate) {
  EXPECT_EQ(Signature({.method = "GET", .path = "/"}, {{.name = "My-Header1", .value = "value2"},
                                                       {.name = "My-Header1", .value = "value2"},
                                                       {.name = "My-Header1", .value = "value1"}}),
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
}

TEST_F(SuiteTest, GetHeaderValueTrim) {
  EXPECT_EQ(Signature({.method = "GET", .path = "/"},
                      {{.name = "My-Header1", .value = " value1"}, {.name = "My-Header2", .value = " \"a   b   c\""}}),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST_F(SuiteTest, PostHeaderKeySort) {
  EXPECT_EQ(Signature({.method = "POST", .path = "/"}, {{.name = "My-Header1", .value = "value1"}}),
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c");
}

TEST_F(SuiteTest, PostXWwwFormUrlencoded) {
  EXPECT_EQ(Signature({.method = "POST", .path = "/", .payload_hash = Sha256(AsBytes("Param1=value1")).Hex()},
                      {{.name = "Content-Type", .value = "application/x-www-form-urlencoded"}}),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

// The examples of the S3 documentation: "Authenticating Requests: Using the Authorization Header".
class S3DocumentationTest : public testing::Test {
 protected:
  std::string Signature(SignableRequest request) {
    const auto headers = signer_.Sign(std::move(request), "examplebucket.s3.amazonaws.com", now_);
    EXPECT_EQ(headers.back().name, "Authorization");
    const std::string& value = headers.back().value;
    return value.substr(value.rfind('=') + 1);
  }

  TimePoint now_ = *ParseTime("2013-05-24T00:00:00Z");
  Signer signer_{
      {.access_key = "AKIAIOSFODNN7EXAMPLE", .secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")},
      "us-east-1"};
};

TEST_F(S3DocumentationTest, GetObjectWithARange) {
  EXPECT_EQ(Signature({.method = "GET",
                       .path = "/test.txt",
                       .headers = {{.name = "Range", .value = "bytes=0-9"}},
                       .payload_hash = kEmptyHash}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3DocumentationTest, PutObjectWithAnOddCharacter) {
  EXPECT_EQ(Signature({.method = "PUT",
                       .path = UriEncode("/test$file.text", true),
                       .headers = {{.name = "Date", .value = "Fri, 24 May 2013 00:00:00 GMT"},
                                   {.name = "x-amz-storage-class", .value = "REDUCED_REDUNDANCY"}},
                       .payload_hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(S3DocumentationTest, GetBucketLifecycleAnEmptyParameter) {
  EXPECT_EQ(
      Signature(
          {.method = "GET", .path = "/", .query = CanonicalQuery({{"lifecycle", ""}}), .payload_hash = kEmptyHash}),
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(S3DocumentationTest, ListObjects) {
  EXPECT_EQ(Signature({.method = "GET",
                       .path = "/",
                       .query = CanonicalQuery({{"prefix", "J"}, {"max-keys", "2"}}),
                       .payload_hash = kEmptyHash}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(UriEncodeTest, LeavesOnlyTheUnreserved) {
  EXPECT_EQ(UriEncode("a/b c", true), "a/b%20c");
  EXPECT_EQ(UriEncode("a/b c", false), "a%2Fb%20c");
  EXPECT_EQ(UriEncode("!\"#$%&'()*+,:;<=>?@[\\]^`{|}", false),
            "%21%22%23%24%25%26%27%28%29%2A%2B%2C%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D");
  EXPECT_EQ(UriEncode("-._~", false), "-._~");
  EXPECT_EQ(UriEncode("\xc3\xb1", false), "%C3%B1");
}

TEST(CanonicalQueryTest, SortsByEncodedNameThenValueAndKeepsRepeats) {
  EXPECT_EQ(CanonicalQuery({{"b", "2"}, {"a", "2"}, {"a", "10"}, {"a", ""}, {"B", "x y/z"}}),
            "B=x%20y%2Fz&a=&a=10&a=2&b=2");
  EXPECT_EQ(CanonicalQuery({{"a-b", "1"}, {"a", "1"}}), "a=1&a-b=1") << "by the name alone, not by \"name=\"";
  EXPECT_EQ(CanonicalQuery({}), "");
}

TEST(SignTest, EverythingThatIsSentIsSignedAndTheTokenIsAmongIt) {
  const Signer signer({.access_key = "AK", .secret_key = Secret("SK"), .session_token = Secret("TOKEN")}, "r");
  const auto headers = signer.Sign({.method = "PUT",
                                    .path = "/b/k",
                                    .headers = {{.name = "Content-MD5", .value = "x"},
                                                {.name = "x-amz-meta-a-b", .value = "1"},
                                                {.name = "x-amz-meta-a", .value = "2"}},
                                    .payload_hash = kEmptyHash},
                                   "host:81", *ParseTime("2026-11-24T23:59:59.9Z"));
  EXPECT_THAT(headers.back().value, HasSubstr("Credential=AK/20261124/r/s3/aws4_request"));
  EXPECT_THAT(headers.back().value, HasSubstr("SignedHeaders=content-md5;host;x-amz-content-sha256;x-amz-date;"
                                              "x-amz-meta-a;x-amz-meta-a-b;x-amz-security-token,"));
  for (const HttpHeader& header : headers) EXPECT_NE(header.name, "host") << "the HTTP client sends it";
}

TEST(SignTest, TheKeyFollowsTheDay) {
  const Signer signer({.access_key = "AK", .secret_key = Secret("SK")}, "r");
  const SignableRequest request{.method = "GET", .path = "/", .payload_hash = kEmptyHash};
  const auto sign = [&](const char* time) { return signer.Sign(request, "host", *ParseTime(time)).back().value; };
  const std::string first = sign("2026-11-24T23:59:59Z");
  EXPECT_NE(sign("2026-11-25T00:00:00Z"), first);
  EXPECT_EQ(sign("2026-11-24T23:59:59Z"), first);
}

}  // namespace
}  // namespace cofre::storage::s3
