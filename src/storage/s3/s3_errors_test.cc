#include "storage/s3/s3_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::storage::s3 {
namespace {

using testing::HasSubstr;

ErrorKind KindOf(int status, const std::string& code) {
  return ToError("x", {.status = status, .body = {.code = code}}).kind();
}

TEST(S3ErrorsTest, WhatMayPassIsTransient) {
  for (const int status : {408, 429, 499, 500, 502, 503, 504, 520}) {
    EXPECT_EQ(KindOf(status, ""), ErrorKind::kTransient) << status;
  }
  EXPECT_EQ(KindOf(503, "SlowDown"), ErrorKind::kTransient);
  EXPECT_EQ(KindOf(400, "RequestTimeout"), ErrorKind::kTransient);
  EXPECT_EQ(KindOf(403, "RequestRateLimitExceeded"), ErrorKind::kTransient) << "Wasabi";
  EXPECT_EQ(KindOf(409, "OperationAborted"), ErrorKind::kTransient);
  EXPECT_EQ(KindOf(400, "BadDigest"), ErrorKind::kTransient);
  EXPECT_EQ(KindOf(200, "InternalError"), ErrorKind::kTransient);
}

TEST(S3ErrorsTest, WhatNeedsSomebodyIsNot) {
  EXPECT_EQ(KindOf(403, "AccessDenied"), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(403, "InvalidAccessKeyId"), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(403, "SignatureDoesNotMatch"), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(400, "ExpiredToken"), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(403, ""), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(401, ""), ErrorKind::kAuth);
  EXPECT_EQ(KindOf(501, "NotImplemented"), ErrorKind::kPermanent);
  EXPECT_EQ(KindOf(501, ""), ErrorKind::kPermanent);
  EXPECT_EQ(KindOf(400, "EntityTooLarge"), ErrorKind::kPermanent);
  EXPECT_EQ(KindOf(403, "QuotaExceeded"), ErrorKind::kPermanent);
  EXPECT_EQ(KindOf(400, ""), ErrorKind::kPermanent);
}

TEST(S3ErrorsTest, AMissingBucketIsNotAMissingObject) {
  EXPECT_EQ(KindOf(404, "NoSuchKey"), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(404, ""), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(404, "NoSuchBucket"), ErrorKind::kPermanent);
  EXPECT_EQ(KindOf(404, "NoSuchUpload"), ErrorKind::kPermanent);
}

TEST(S3ErrorsTest, TheMessageHasStatusCodeAndWords) {
  const Refused full = ToError("cannot read k in bucket b at https://h",
                               {.status = 403, .body = {.code = "AccessDenied", .message = "Access Denied"}});
  EXPECT_STREQ(full.what(), "cannot read k in bucket b at https://h: 403 AccessDenied: Access Denied");
  EXPECT_EQ(full.status(), 403);
  EXPECT_EQ(full.code(), "AccessDenied");
  EXPECT_STREQ(ToError("x", {.status = 503, .body = {.code = "SlowDown"}}).what(), "x: 503 SlowDown");
  EXPECT_STREQ(ToError("x", {.status = 502}).what(), "x: 502");
}

TEST(S3ErrorsTest, TheServersWordsStayInOneBoundedLine) {
  const Refused error =
      ToError("x", {.status = 400, .body = {.code = "A\nB", .message = "\x1b[31m" + std::string(5000, 'y')}});
  EXPECT_THAT(error.what(), HasSubstr("A B"));
  EXPECT_EQ(std::string_view(error.what()).find('\x1b'), std::string_view::npos);
  EXPECT_LT(std::string_view(error.what()).size(), 300U);
}

TEST(S3ErrorsTest, AClockTooFarOffSaysBothTimesAndIsNotRetried) {
  const Refused error = ToError("x", {.status = 403,
                                      .body = {.code = "RequestTimeTooSkewed",
                                               .request_time = "20261124T080000Z",
                                               .server_time = "2026-11-24T08:20:00Z"}});
  EXPECT_EQ(error.kind(), ErrorKind::kAuth);
  EXPECT_THAT(error.what(), HasSubstr("here 20261124T080000Z, there 2026-11-24T08:20:00Z"));
  EXPECT_THAT(error.hint(), HasSubstr("clock"));
}

TEST(S3ErrorsTest, AWrongRegionNamesTheRightOne) {
  const Refused malformed =
      ToError("x", {.status = 400, .body = {.code = "AuthorizationHeaderMalformed", .region = "eu-central-1"}});
  EXPECT_EQ(malformed.kind(), ErrorKind::kAuth);
  EXPECT_THAT(malformed.hint(), HasSubstr("region eu-central-1"));
  const Refused moved =
      ToError("x", {.status = 301, .body = {.code = "PermanentRedirect"}, .bucket_region = "sa-east-1"});
  EXPECT_THAT(moved.hint(), HasSubstr("region sa-east-1"));
  EXPECT_EQ(ToError("x", {.status = 307}).kind(), ErrorKind::kPermanent);
}

TEST(S3ErrorsTest, WhatTheServerAsksToWaitIsKept) {
  const Refused error = ToError("x", {.status = 429, .retry_after = std::chrono::seconds(7)});
  EXPECT_EQ(error.retry_after(), std::chrono::seconds(7));
}

}  // namespace
}  // namespace cofre::storage::s3
