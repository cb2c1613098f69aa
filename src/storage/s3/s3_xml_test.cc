#include "storage/s3/s3_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::storage::s3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Work>
bool IsCorrupt(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kCorrupt;
  }
  return false;
}

constexpr const char* kPage = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>bucket</Name><Prefix>a/</Prefix><KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys>
  <IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
  <Contents><Key>a/x&amp;y &lt;z&gt;</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>
    <ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass>
    <Owner><ID>x</ID><DisplayName>Key</DisplayName></Owner></Contents>
  <Contents><Size>0</Size><Key>a/ blanks </Key></Contents>
  <CommonPrefixes><Prefix>a/sub/</Prefix></CommonPrefixes>
</ListBucketResult>)";

TEST(ListPageTest, HasObjectsFoldersAndTheWayOn) {
  const ListPage page = ParseListPage(kPage);
  EXPECT_THAT(page.objects,
              ElementsAre(ObjectInfo{.key = "a/x&y <z>", .size = 434234}, ObjectInfo{.key = "a/ blanks ", .size = 0}));
  ASSERT_TRUE(page.objects[0].md5);
  EXPECT_EQ(HexEncode(*page.objects[0].md5), "fba9dede5f27731c9771645a39863328");
  EXPECT_FALSE(page.objects[1].md5);
  EXPECT_THAT(page.folders, ElementsAre("a/sub/"));
  EXPECT_TRUE(page.truncated);
  EXPECT_EQ(page.next_token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(ListPageTest, AnEtagOfAnotherFormSaysNothingOfTheContent) {
  for (const char* etag : {"\"fba9dede5f27731c9771645a39863328-2\"", "", "W/\"1\"", "fba9dede5f27731c9771645a3986332z",
                           "\"fba9dede5f27731c9771645a3986332\"x"}) {
    const ListPage page = ParseListPage(std::string("<ListBucketResult><Contents><Key>k</Key><Size>1</Size><ETag>") +
                                        etag + "</ETag></Contents></ListBucketResult>");
    EXPECT_FALSE(page.objects.at(0).md5) << etag;
  }
}

TEST(ListPageTest, AnEmptyListingIsAListing) {
  const ListPage page = ParseListPage("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
  EXPECT_THAT(page.objects, IsEmpty());
  EXPECT_FALSE(page.truncated);
  EXPECT_THAT(ParseListPage("<ListBucketResult/>").objects, IsEmpty());
}

TEST(ListPageTest, APrefixOfTheNameSpaceMeansNothing) {
  const ListPage page = ParseListPage(
      "<s3:ListBucketResult xmlns:s3='x'><s3:Contents><s3:Key>k</s3:Key><s3:Size>1</s3:Size></s3:Contents>"
      "</s3:ListBucketResult>");
  EXPECT_EQ(page.objects.size(), 1U);
}

TEST(ListPageTest, WhatIsCutBrokenOrAnotherThingIsCorrupt) {
  const std::string page = kPage;
  for (size_t length = 0; length < page.size(); length += 7) {
    EXPECT_TRUE(IsCorrupt([&] { ParseListPage(page.substr(0, length)); })) << length;
  }
  EXPECT_TRUE(IsCorrupt([] { ParseListPage(""); }));
  EXPECT_TRUE(IsCorrupt([] { ParseListPage("<html>sign in to the hotel's network</html>"); }));
  EXPECT_TRUE(IsCorrupt([] { ParseListPage("<a><ListBucketResult/></a>"); }));
  EXPECT_TRUE(IsCorrupt([] { ParseListPage("<ListBucketResult/><ListBucketResult/>"); }));
}

TEST(ListPageTest, AnObjectWithoutKeyOrSizeIsCorrupt) {
  const auto page = [](const std::string& contents) {
    return "<ListBucketResult><Contents>" + contents + "</Contents></ListBucketResult>";
  };
  EXPECT_TRUE(IsCorrupt([&] { ParseListPage(page("<Key>k</Key>")); }));
  EXPECT_TRUE(IsCorrupt([&] { ParseListPage(page("<Size>1</Size>")); }));
  for (const char* size : {"", "-1", "1.5", "1e3", "0x10", " 1", "18446744073709551616", "one"}) {
    EXPECT_TRUE(IsCorrupt([&] { ParseListPage(page("<Key>k</Key><Size>" + std::string(size) + "</Size>")); })) << size;
  }
}

TEST(ListPageTest, BreakingOffWithoutTheWayOnIsCorrupt) {
  EXPECT_TRUE(IsCorrupt([] { ParseListPage("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"); }));
}

TEST(HostileXmlTest, EntitiesAndDocumentTypesAreRefused) {
  EXPECT_TRUE(IsCorrupt([] {
    ParseListPage(
        "<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><ListBucketResult>&b;</ListBucketResult>");
  }));
  EXPECT_TRUE(IsCorrupt([] { ParseListPage("<!DOCTYPE l SYSTEM 'file:///etc/passwd'><ListBucketResult/>"); }));
}

TEST(HostileXmlTest, DepthAndTextAreBounded) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_TRUE(IsCorrupt([&] { ParseListPage(deep); }));
  EXPECT_TRUE(IsCorrupt(
      [] { ParseListPage("<ListBucketResult><Name>" + std::string(100'000, 'x') + "</Name></ListBucketResult>"); }));
  EXPECT_TRUE(IsCorrupt([] { ParseListPage('<' + std::string(100'000, 'x') + "/>"); }));
}

TEST(ErrorXmlTest, HasItsFields) {
  const S3ErrorBody error = ParseError(
      "<?xml version=\"1.0\"?><Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message>"
      "<RequestTime>20261124T080000Z</RequestTime><ServerTime>2026-11-24T08:20:00Z</ServerTime><Region>eu</Region></"
      "Error>");
  EXPECT_EQ(error.code, "RequestTimeTooSkewed");
  EXPECT_EQ(error.message, "The difference is too large.");
  EXPECT_EQ(error.request_time, "20261124T080000Z");
  EXPECT_EQ(error.server_time, "2026-11-24T08:20:00Z");
  EXPECT_EQ(error.region, "eu");
}

TEST(ErrorXmlTest, ABodyThatSaysNothingIsNoReasonToFail) {
  EXPECT_EQ(ParseError("").code, "");
  EXPECT_EQ(ParseError("<html><body>502 Bad Gateway</body></html>").code, "");
  EXPECT_EQ(ParseError("<Error><Code>SlowDown</Code>").code, "") << "broken";
  EXPECT_EQ(ParseError("<Error><Code>SlowDown</Code><Message/></Error>").code, "SlowDown");
}

TEST(ErrorXmlTest, IsFoundInAnAnswerThatClaimsSuccess) {
  EXPECT_EQ(ErrorInside("<Error><Code>InternalError</Code></Error>")->code, "InternalError");
  EXPECT_FALSE(ErrorInside("<CompleteMultipartUploadResult/>"));
}

TEST(UploadIdTest, IsRequired) {
  EXPECT_EQ(ParseUploadId("<InitiateMultipartUploadResult><UploadId>2~abc</UploadId></InitiateMultipartUploadResult>"),
            "2~abc");
  EXPECT_TRUE(IsCorrupt([] { ParseUploadId("<InitiateMultipartUploadResult/>"); }));
}

TEST(DeleteResultTest, HasWhatFailed) {
  const auto errors = ParseDeleteResult(
      "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message>"
      "</Error><Error><Key>c</Key></Error></DeleteResult>");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].key, "b");
  EXPECT_EQ(errors[0].code, "AccessDenied");
  EXPECT_EQ(errors[0].message, "no");
  EXPECT_EQ(errors[1].code, "") << "nothing is carried over from the one before";
  EXPECT_TRUE(IsCorrupt([] { ParseDeleteResult("<Other/>"); }));
}

TEST(RequestXmlTest, KeysAreEscaped) {
  const std::vector<std::string> keys = {"a&b", "<c>"};
  EXPECT_EQ(DeleteRequest(keys),
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
            "<Object><Key>a&amp;b</Key></Object><Object><Key>&lt;c&gt;</Key></Object></Delete>");
}

TEST(RequestXmlTest, PartsAreNumberedFromOne) {
  const std::vector<std::string> etags = {"\"e1\"", "\"e2\""};
  EXPECT_EQ(CompleteRequest(etags),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>\"e2\"</ETag></Part></CompleteMultipartUpload>");
}

}  // namespace
}  // namespace cofre::storage::s3
