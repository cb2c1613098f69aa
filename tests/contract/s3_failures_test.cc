// What S3 servers, networks and clocks do wrong: on the real server where it does so on demand, else by a proxy in
// front of it, else by canned answers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "storage/certify.h"
#include "storage/retry_store.h"
#include "storage/s3/s3_store.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/manual_clock.h"
#include "tests/support/s3_bucket.h"
#include "tests/support/servers.h"

namespace cofre::storage {
namespace {

using test::FaultProxy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes Noise(size_t size) {
  Bytes bytes(size);
  SeededRandom(1).Fill(bytes);
  return bytes;
}

std::optional<Error> FailureOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Runs at the system's time, but pauses for nothing and remembers how long they would have been.
class ImpatientClock : public Clock {
 public:
  TimePoint Now() const override { return SystemClock().Now() + offset_; }
  Duration Monotonic() const override { return SystemClock().Monotonic() + slept_; }
  void SleepFor(Duration pause, std::stop_token /*stop*/) override { slept_ += pause; }

  void SetOffset(Duration offset) { offset_ = offset; }
  Duration slept() const { return slept_; }

 private:
  Duration offset_{};
  Duration slept_{};
};

// --- canned answers ---

class CannedTest : public testing::Test {
 protected:
  std::shared_ptr<S3Store> Store(const FaultProxy& server) {
    S3Options options{.tls = false,
                      .host = server.endpoint().substr(std::string("http://").size()),
                      .bucket = "bucket",
                      .credentials = {.access_key = "AK", .secret_key = Secret("SK")}};
    options.multipart_bytes = 1000;
    options.multipart.part_bytes = 400;
    options.multipart.parts_in_flight = 1;
    return std::make_shared<S3Store>(options, clock_, SystemRandom());
  }
  RetryStore Retrying(const FaultProxy& server) {
    return {Store(server), RetryPolicy{.max_tries = 8}, clock_, SystemRandom()};
  }
  static std::string ErrorXml(const std::string& code) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message></Message></Error>";
  }
  static std::string Page(const std::string& content) {
    return FaultProxy::Answer(200, "<ListBucketResult>" + content + "</ListBucketResult>");
  }
  static std::string Object(const std::string& key) {
    return "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>";
  }
  static std::string More(const std::string& token) {
    return "<IsTruncated>true</IsTruncated><NextContinuationToken>" + token + "</NextContinuationToken>";
  }

  ImpatientClock clock_;
};

TEST_F(CannedTest, AServerThatSaysSlowDownForAWhileIsWaitedFor) {
  FaultProxy server({FaultProxy::Answer(503, ErrorXml("SlowDown")), FaultProxy::Answer(503, ErrorXml("SlowDown")),
                     FaultProxy::Answer(500, ""), FaultProxy::Answer(502, "<html>Bad Gateway</html>"),
                     FaultProxy::Answer(200, "")});
  Retrying(server).Put("key", AsBytes("x"), std::nullopt, {});
  EXPECT_EQ(server.requests().size(), 5U);
}

TEST_F(CannedTest, AServerThatIsBusyForEverIsGivenUp) {
  FaultProxy server([&](const FaultProxy::Request&) { return FaultProxy::Reply(503, ErrorXml("SlowDown")); });
  const auto failure = FailureOf([&] { Retrying(server).Get("key", 10, {}); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kTransient);
  EXPECT_THAT(failure->what(), HasSubstr("gave up after 8 tries"));
  EXPECT_THAT(failure->what(), HasSubstr("cannot read key in bucket bucket at http://127.0.0.1"));
  EXPECT_THAT(failure->what(), HasSubstr("503 SlowDown"));
}

TEST_F(CannedTest, RetryAfterIsHonoured) {
  FaultProxy server({FaultProxy::Answer(429, "", "Retry-After: 17\r\n"), FaultProxy::Answer(200, "")});
  Retrying(server).Delete("key", {});
  EXPECT_GE(clock_.slept(), std::chrono::seconds(17));
  EXPECT_LT(clock_.slept(), std::chrono::seconds(18));
}

TEST_F(CannedTest, ADeletionAnswered429IsRepeated) {
  const std::string done = "<DeleteResult/>";
  const std::string one_busy = "<DeleteResult><Error><Key>a</Key><Code>SlowDown</Code></Error></DeleteResult>";
  FaultProxy server({FaultProxy::Answer(429, ""), FaultProxy::Answer(200, one_busy), FaultProxy::Answer(200, done)});
  EXPECT_THAT(Retrying(server).DeleteMany(std::vector<std::string>{"a", "b"}, {}), IsEmpty());
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CannedTest, ForbiddenAndMissingAreNotRepeated) {
  FaultProxy server(
      {FaultProxy::Answer(403, ErrorXml("AccessDenied")), FaultProxy::Answer(404, ErrorXml("NoSuchKey"))});
  RetryStore store = Retrying(server);
  EXPECT_EQ(FailureOf([&] { store.Get("key", 10, {}); })->kind(), ErrorKind::kAuth);
  EXPECT_EQ(FailureOf([&] { store.Get("key", 10, {}); })->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(CannedTest, AWrongRegionNamesTheRightOne) {
  FaultProxy server({FaultProxy::Answer(400,
                                        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region "
                                        "'us-east-1' is wrong</Message><Region>eu-west-3</Region></Error>"),
                     FaultProxy::Answer(301, ErrorXml("PermanentRedirect"), "x-amz-bucket-region: sa-east-1\r\n")});
  EXPECT_THAT(FailureOf([&] { Store(server)->Get("key", 10, {}); })->hint(), HasSubstr("eu-west-3"));
  EXPECT_THAT(FailureOf([&] { Store(server)->Get("key", 10, {}); })->hint(), HasSubstr("sa-east-1"));
}

TEST_F(CannedTest, AnAnswer200WithAnErrorInsideIsAnError) {
  FaultProxy server({FaultProxy::Answer(200, ErrorXml("AccessDenied")), FaultProxy::Answer(200, ErrorXml("SlowDown")),
                     FaultProxy::Answer(200, ""), Page(Object("a"))});
  RetryStore store = Retrying(server);
  EXPECT_EQ(FailureOf([&] { ListAll(store, "", {}); })->kind(), ErrorKind::kAuth);
  EXPECT_EQ(ListAll(store, "", {}).size(), 1U) << "busy, then empty, then well";
}

TEST_F(CannedTest, AListingGoesOnWithTheTokenAsItCame) {
  FaultProxy server({Page(Object("p/a") + Object("p/b") + More("t+/=&amp;k")), Page(Object("p/c"))});
  EXPECT_THAT(ListAll(*Store(server), "p/", {}),
              ElementsAre(ObjectInfo{"p/a", 1}, ObjectInfo{"p/b", 1}, ObjectInfo{"p/c", 1}));
  const auto requests = server.requests();
  EXPECT_EQ(requests.at(0).target, "/bucket?list-type=2&prefix=p%2F");
  EXPECT_EQ(requests.at(1).target, "/bucket?continuation-token=t%2B%2F%3D%26k&list-type=2&prefix=p%2F");
}

TEST_F(CannedTest, AListingThatGoesRoundInCirclesIsCorrupt) {
  FaultProxy same_token([&](const FaultProxy::Request&) { return FaultProxy::Action{.answer = Page(More("t"))}; });
  EXPECT_EQ(FailureOf([&] { ListAll(*Store(same_token), "", {}); })->kind(), ErrorKind::kCorrupt);
  FaultProxy new_tokens([&](const FaultProxy::Request& request) {
    return FaultProxy::Action{.answer = Page(More("t" + std::to_string(request.number)))};
  });
  EXPECT_EQ(FailureOf([&] { ListAll(*Store(new_tokens), "", {}); })->kind(), ErrorKind::kCorrupt);
  FaultProxy same_page([&](const FaultProxy::Request& request) {
    return FaultProxy::Action{.answer = Page(Object("a") + More("t" + std::to_string(request.number)))};
  });
  EXPECT_EQ(FailureOf([&] { ListAll(*Store(same_page), "", {}); })->kind(), ErrorKind::kCorrupt);
}

TEST_F(CannedTest, AListingOfSomethingElseIsCorrupt) {
  FaultProxy server({Page(Object("q/a"))});
  EXPECT_EQ(FailureOf([&] { ListAll(*Store(server), "p/", {}); })->kind(), ErrorKind::kCorrupt);
}

TEST_F(CannedTest, WhatOtherToolsLeftInABucketIsNotSeen) {
  FaultProxy server(
      {Page(Object("p/") + Object("p/a") + Object("p/b//c") + Object("p/folder/") + Object("p/\xc3\xb1"))});
  EXPECT_THAT(ListAll(*Store(server), "p/", {}), ElementsAre(ObjectInfo{"p/a", 1}));
}

TEST_F(CannedTest, HtmlInPlaceOfAListingIsCorruptAndSaysWhere) {
  FaultProxy server({FaultProxy::Answer(200, "<html><body>Please sign in</body></html>")});
  const auto failure = FailureOf([&] { ListAll(*Store(server), "", {}); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(failure->what(), HasSubstr("cannot list bucket bucket at http://"));
}

TEST_F(CannedTest, AnEndlessListingIsNotReadToItsEnd) {
  FaultProxy server([](const FaultProxy::Request&) {
    return FaultProxy::Action{.answer = "HTTP/1.1 200 OK\r\n\r\n<ListBucketResult>",
                              .endless = "<Contents><Key>k</Key><Size>1</Size></Contents>"};
  });
  EXPECT_EQ(FailureOf([&] { ListAll(*Store(server), "", {}); })->kind(), ErrorKind::kCorrupt);
}

TEST_F(CannedTest, ABodyWithoutALengthMayBeCutAndIsReadAgain) {
  FaultProxy server([](const FaultProxy::Request& request) {
    auto action = FaultProxy::Reply(200, "whole");
    if (request.number == 1) action = {.answer = "HTTP/1.1 200 OK\r\n\r\nwho", .cut_after = 1000};
    return action;
  });
  EXPECT_EQ(AsText(Retrying(server).Get("key", 10, {})), "whole");
}

TEST_F(CannedTest, AServerThatIgnoresRangesIsFoundOut) {
  FaultProxy server([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "0123456789"); });
  EXPECT_TRUE(FailureOf([&] { Store(server)->GetRange("key", 5, 5, {}); }));
  EXPECT_TRUE(FailureOf([&] { Store(server)->GetRange("key", 5, 10, {}); }));
  EXPECT_EQ(Store(server)->GetRange("key", 0, 10, {}).size(), 10U) << "the whole was asked for";
  EXPECT_EQ(Store(server)->Stat("key", {})->size, 10U);
}

TEST_F(CannedTest, WithoutBatchDeletionObjectsAreDeletedOneByOne) {
  FaultProxy server([&](const FaultProxy::Request& request) {
    return request.method == "POST" ? FaultProxy::Reply(501, ErrorXml("NotImplemented")) : FaultProxy::Reply(204, "");
  });
  const auto store = Store(server);
  const std::vector<std::string> keys = {"a", "b", "c"};
  EXPECT_THAT(store->DeleteMany(keys, {}), IsEmpty());
  EXPECT_EQ(server.requests().size(), 4U);
  EXPECT_THAT(store->DeleteMany(keys, {}), IsEmpty());
  EXPECT_EQ(server.requests().size(), 7U) << "it is not asked again";
}

TEST_F(CannedTest, WhatCannotBeDeletedIsToldWithWhy) {
  FaultProxy server(
      {FaultProxy::Answer(200,
                          "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>locked</Message></Error>"
                          "<Error><Key>a</Key><Code>NoSuchKey</Code></Error></DeleteResult>")});
  const auto failures = Store(server)->DeleteMany(std::vector<std::string>{"a", "b"}, {});
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].key, "b");
  EXPECT_EQ(failures[0].message, "AccessDenied locked");
}

TEST_F(CannedTest, ThousandsAreDeletedByTheThousand) {
  FaultProxy server([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "<DeleteResult/>"); });
  std::vector<std::string> keys(2500, "key");
  Store(server)->DeleteMany(keys, {});
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(CannedTest, NothingIsSentThatOldServersRefuse) {
  FaultProxy server([](const FaultProxy::Request&) { return FaultProxy::Reply(200, "<DeleteResult/>"); });
  const auto store = Store(server);
  store->Put("key", AsBytes("body"), std::nullopt, {});
  store->DeleteMany(std::vector<std::string>{"a", "b"}, {});
  for (const auto& request : server.requests()) {
    for (const auto& [name, value] : request.headers) {
      EXPECT_FALSE(name.starts_with("x-amz-checksum") || name.starts_with("x-amz-sdk") || name == "x-amz-trailer" ||
                   name == "if-none-match" || name == "expect" || name == "transfer-encoding")
          << name;
    }
    EXPECT_EQ(request.headers.at("content-md5"), Base64Encode(Md5(AsBytes(request.body))));
    EXPECT_EQ(request.headers.at("x-amz-content-sha256"), Sha256(AsBytes(request.body)).Hex());
  }
}

TEST_F(CannedTest, ADigestThatIsKnownIsNotComputedAgain) {
  FaultProxy server({FaultProxy::Answer(200, "")});
  const Digest known = Sha256(AsBytes("something else"));
  Store(server)->Put("key", AsBytes("body"), known, {});
  EXPECT_EQ(server.requests().at(0).headers.at("x-amz-content-sha256"), known.Hex());
}

TEST_F(CannedTest, OneOperationIsOneRequest) {
  FaultProxy server([](const FaultProxy::Request& request) {
    if (request.target.find("list-type") != std::string::npos) return FaultProxy::Reply(200, "<ListBucketResult/>");
    if (request.headers.contains("range")) return FaultProxy::Reply(206, "x", "Content-Range: bytes 0-0/7\r\n");
    return FaultProxy::Reply(200, "");
  });
  const auto store = Store(server);
  store->Put("key", AsBytes("x"), std::nullopt, {});
  store->Get("key", 10, {});
  store->GetRange("key", 0, 1, {});
  EXPECT_EQ(store->Stat("key", {})->size, 7U);
  ListAll(*store, "", {});
  store->ListFolders("", {});
  store->Delete("key", {});
  EXPECT_EQ(server.requests().size(), 7U);
  EXPECT_EQ(server.connections(), 1);
}

// --- multipart ---

// Answers as S3 does to an upload in parts, but for what a test plants.
class MultipartTest : public CannedTest {
 protected:
  FaultProxy::Action Normally(const FaultProxy::Request& request) {
    if (request.target.ends_with("?uploads=")) {
      return FaultProxy::Reply(
          200, "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>");
    }
    if (request.method == "PUT") return FaultProxy::Reply(200, "", "ETag: \"e\"\r\n");
    if (request.method == "DELETE") return FaultProxy::Reply(204, "");
    return FaultProxy::Reply(200, "<CompleteMultipartUploadResult/>");
  }
  static std::vector<std::string> Targets(const FaultProxy& server) {
    std::vector<std::string> targets;
    for (const auto& request : server.requests()) targets.push_back(request.method + " " + request.target);
    return targets;
  }

  const Bytes body_ = Noise(1001);
};

TEST_F(MultipartTest, PartsAreSentThenPutTogether) {
  FaultProxy server([&](const FaultProxy::Request& request) { return Normally(request); });
  Store(server)->Put("key", body_, std::nullopt, {});
  EXPECT_THAT(Targets(server), ElementsAre("POST /bucket/key?uploads=", "PUT /bucket/key?partNumber=1&uploadId=id",
                                           "PUT /bucket/key?partNumber=2&uploadId=id",
                                           "PUT /bucket/key?partNumber=3&uploadId=id", "POST /bucket/key?uploadId=id"));
  EXPECT_EQ(server.requests().at(3).body.size(), 201U);
}

TEST_F(MultipartTest, APartThatFailsForAWhileIsSentAgainAlone) {
  int failures = 2;
  FaultProxy server([&](const FaultProxy::Request& request) {
    if (request.target.find("partNumber=2") != std::string::npos && failures-- > 0) return FaultProxy::Reply(503, "");
    return Normally(request);
  });
  Store(server)->Put("key", body_, std::nullopt, {});
  EXPECT_EQ(server.requests().size(), 7U);
}

TEST_F(MultipartTest, AFailureTakesThePartsBack) {
  FaultProxy server([&](const FaultProxy::Request& request) {
    if (request.target.find("partNumber=2") != std::string::npos)
      return FaultProxy::Reply(403, ErrorXml("AccessDenied"));
    return Normally(request);
  });
  EXPECT_EQ(FailureOf([&] { Store(server)->Put("key", body_, std::nullopt, {}); })->kind(), ErrorKind::kAuth);
  EXPECT_EQ(Targets(server).back(), "DELETE /bucket/key?uploadId=id");
}

TEST_F(MultipartTest, AStopTakesThePartsBack) {
  std::stop_source stop;
  FaultProxy server([&](const FaultProxy::Request& request) {
    if (request.target.find("partNumber=2") != std::string::npos) stop.request_stop();
    return Normally(request);
  });
  EXPECT_EQ(FailureOf([&] { Store(server)->Put("key", body_, std::nullopt, stop.get_token()); })->kind(),
            ErrorKind::kCancelled);
  EXPECT_EQ(Targets(server).back(), "DELETE /bucket/key?uploadId=id");
}

TEST_F(MultipartTest, ACompletionThatAnswers200WithAnErrorIsRepeated) {
  bool failed = false;
  FaultProxy server([&](const FaultProxy::Request& request) {
    if (request.target.ends_with("key?uploadId=id") && !std::exchange(failed, true)) {
      return FaultProxy::Reply(200, ErrorXml("InternalError"));
    }
    return Normally(request);
  });
  Store(server)->Put("key", body_, std::nullopt, {});
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST_F(MultipartTest, WhereACompletionsAnswerIsLostTheWholeIsSentAgain) {
  int completions = 0;
  FaultProxy server([&](const FaultProxy::Request& request) {
    if (request.method == "POST" && request.target.ends_with("key?uploadId=id")) {
      ++completions;
      if (completions == 1) return FaultProxy::Action{.drop = true};
      if (completions == 2) return FaultProxy::Reply(404, ErrorXml("NoSuchUpload"));
    }
    return Normally(request);
  });
  Retrying(server).Put("key", body_, std::nullopt, {});
  EXPECT_EQ(completions, 3);
}

TEST(PartBytesTest, TenThousandPartsAreEnough) {
  constexpr uint64_t kMiB = uint64_t{1024} * 1024;
  EXPECT_EQ(s3::PartBytes(100 * kMiB, 16 * kMiB), 16 * kMiB);
  EXPECT_EQ(s3::PartBytes(160'000 * kMiB, 16 * kMiB), 16 * kMiB);
  EXPECT_EQ(s3::PartBytes(160'001 * kMiB, 16 * kMiB), 17 * kMiB);
}

// --- the real server ---

class RealServerTest : public testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
    bucket_.emplace();
  }
  S3Options Options() const { return bucket_->Options(); }
  std::shared_ptr<S3Store> Store(const S3Options& options) {
    return std::make_shared<S3Store>(options, clock_, SystemRandom());
  }
  // A store that reaches the real server through the proxy, with retries.
  RetryStore Through(const FaultProxy& proxy) {
    S3Options options = Options();
    options.host = proxy.endpoint().substr(std::string("http://").size());
    return {Store(options), RetryPolicy{.max_tries = 5}, clock_, SystemRandom()};
  }

  std::optional<test::S3Bucket> bucket_;
  ImpatientClock clock_;
};

TEST_F(RealServerTest, AWrongSecretIsAuthAndSaysSo) {
  S3Options options = Options();
  options.credentials.secret_key = Secret("not-the-secret");
  const auto failure = FailureOf([&] { Store(options)->Put("key", {}, std::nullopt, {}); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kAuth);
  EXPECT_THAT(failure->what(), HasSubstr("403 SignatureDoesNotMatch"));
  EXPECT_THAT(failure->what(), HasSubstr(bucket_->name()));
  EXPECT_THAT(failure->what(), testing::Not(HasSubstr("not-the-secret")));
  EXPECT_THAT(failure->hint(), HasSubstr("secret key"));
}

TEST_F(RealServerTest, AnUnknownAccessKeyIsAuth) {
  S3Options options = Options();
  options.credentials.access_key = "nobody";
  const auto failure = FailureOf([&] { Store(options)->Stat("key", {}); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::kAuth);
  EXPECT_THAT(failure->hint(), HasSubstr("access key"));
}

TEST_F(RealServerTest, AMissingBucketIsSaidByEveryOperation) {
  S3Options options = Options();
  options.bucket = "cofre-test-no-such-bucket";
  const auto store = Store(options);
  const std::vector<std::function<void()>> operations = {[&] { store->Put("key", {}, std::nullopt, {}); },
                                                         [&] { store->Get("key", 10, {}); },
                                                         [&] { store->GetRange("key", 0, 1, {}); },
                                                         [&] { store->Stat("key", {}); },
                                                         [&] { ListAll(*store, "", {}); },
                                                         [&] { store->ListFolders("", {}); },
                                                         [&] { store->Delete("key", {}); },
                                                         [&] {
                                                           store->DeleteMany(std::vector<std::string>{"a", "b"}, {});
                                                         }};
  for (const auto& operation : operations) {
    const auto failure = FailureOf(operation);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind(), ErrorKind::kPermanent) << failure->what();
    EXPECT_THAT(failure->what(), HasSubstr("NoSuchBucket"));
    EXPECT_THAT(failure->hint(), HasSubstr("create the bucket"));
  }
}

TEST_F(RealServerTest, AClockTwentyMinutesOffIsAuthWithAHintAndIsNotRetried) {
  for (const auto offset : {std::chrono::minutes(20), std::chrono::minutes(-20)}) {
    clock_.SetOffset(offset);
    RetryStore store(Store(Options()), RetryPolicy{}, clock_, SystemRandom());
    const auto failure = FailureOf([&] { store.Put("key", {}, std::nullopt, {}); });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind(), ErrorKind::kAuth);
    EXPECT_THAT(failure->what(), HasSubstr("RequestTimeTooSkewed"));
    EXPECT_THAT(failure->hint(), HasSubstr("clock"));
    EXPECT_EQ(clock_.slept(), Duration(0));
  }
}

TEST_F(RealServerTest, AnUploadWhoseAnswerIsDroppedArrivesOnce) {
  FaultProxy proxy(
      [](const FaultProxy::Request& request) {
        auto action = FaultProxy::Forward();
        action.drop = request.number == 1;
        return action;
      },
      {.upstream = bucket_->endpoint()});
  RetryStore store = Through(proxy);
  const Bytes body = Noise(100'000);
  store.Put("data/key", body, std::nullopt, {});
  EXPECT_EQ(proxy.requests().size(), 2U);
  EXPECT_EQ(store.Get("data/key", body.size(), {}), body);
  EXPECT_THAT(ListAll(store, "", {}), testing::SizeIs(1));
}

TEST_F(RealServerTest, ADownloadThatIsCutIsReadAgain) {
  FaultProxy proxy(
      [](const FaultProxy::Request& request) {
        auto action = FaultProxy::Forward();
        if (request.method == "GET" && request.number == 2) action.cut_after = 50'000;
        return action;
      },
      {.upstream = bucket_->endpoint()});
  RetryStore store = Through(proxy);
  const Bytes body = Noise(100'000);
  store.Put("data/key", body, std::nullopt, {});
  EXPECT_EQ(store.Get("data/key", body.size(), {}), body);
  EXPECT_EQ(proxy.requests().size(), 3U);
}

TEST_F(RealServerTest, ADigestThatIsNotTheBodysIsRefused) {
  const auto failure =
      FailureOf([&] { Store(Options())->Put("key", AsBytes("body"), Sha256(AsBytes("another")), {}); });
  EXPECT_TRUE(failure);
}

TEST_F(RealServerTest, AbortedPartsAreGone) {
  S3Options options = Options();
  options.multipart_bytes = uint64_t{6} * 1024 * 1024;
  options.multipart.part_bytes = uint64_t{5} * 1024 * 1024;
  std::stop_source stop;
  FaultProxy proxy(
      [&](const FaultProxy::Request& request) {
        if (request.target.find("partNumber=2") != std::string::npos) stop.request_stop();
        return FaultProxy::Forward();
      },
      {.upstream = bucket_->endpoint()});
  options.host = proxy.endpoint().substr(std::string("http://").size());
  EXPECT_TRUE(FailureOf([&] { Store(options)->Put("key", Noise(size_t{11} << 20), std::nullopt, stop.get_token()); }));

  s3::Requests requests({.tls = options.tls, .host = Options().host, .bucket = options.bucket}, options.credentials,
                        options.region, {}, SystemClock());
  const std::string uploads =
      requests.SendForXml({.verb = "cannot list uploads of", .method = "GET", .query = {{"uploads", ""}}}, {});
  EXPECT_THAT(uploads, testing::Not(HasSubstr("<UploadId>")));
  EXPECT_FALSE(Store(Options())->Stat("key", {}));
}

TEST_F(RealServerTest, ItIsCertified) {
  RetryStore store(Store(Options()), RetryPolicy{}, clock_, SystemRandom());
  const auto lines = CertifyStore(store, clock_, SystemRandom(), {});
  EXPECT_EQ(lines.size(), 12U);
  for (const CheckLine& line : lines) EXPECT_TRUE(line.ok) << line.name << ": " << line.message;
  EXPECT_THAT(ListAll(store, "", {}), IsEmpty());
}

TEST_F(RealServerTest, CertifyingSaysWhichOfKeysBucketAndClockIsOff) {
  const auto failed = [&](const S3Options& options) {
    std::vector<std::string> names;
    const auto store = Store(options);
    for (const CheckLine& line : CertifyStore(*store, clock_, SystemRandom(), {})) {
      if (!line.ok) names.push_back(line.name);
    }
    return names;
  };
  S3Options wrong_secret = Options();
  wrong_secret.credentials.secret_key = Secret("not-the-secret");
  EXPECT_THAT(failed(wrong_secret), ElementsAre("credentials"));
  S3Options wrong_bucket = Options();
  wrong_bucket.bucket = "cofre-test-no-such-bucket";
  EXPECT_THAT(failed(wrong_bucket), ElementsAre("bucket"));
  S3Options nobody_there = Options();
  nobody_there.host = "127.0.0.1:1";
  EXPECT_THAT(failed(nobody_there), ElementsAre("connection"));
  clock_.SetOffset(std::chrono::minutes(3));
  EXPECT_THAT(failed(Options()), ElementsAre("clock"));
  clock_.SetOffset(std::chrono::minutes(20));
  EXPECT_THAT(failed(Options()), ElementsAre("credentials", "clock"));
}

}  // namespace
}  // namespace cofre::storage
