// Downloads over a server that really listens, of a backup that is really there.

#include "api/downloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/api_test_world.h"
#include "tests/support/eventually.h"
#include "tests/support/raw_client.h"

namespace cofre::api {
namespace {

using test::BodyOf;
using test::Eventually;
using test::Exchange;
using test::GetRequest;
using test::RawClient;
using test::StatusOf;
using testing::HasSubstr;
using testing::Not;

// Far more than what lies between the repository and a client that does not read, and more than one pack.
constexpr size_t kLarge = 24'000'000;

std::string RandomText(size_t bytes) {
  std::string text(bytes, '\0');
  SeededRandom(3).Fill({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  return text;
}

class DownloadsTest : public testing::Test {
 protected:
  Backup MakeBackup(size_t bytes) {
    content_ = RandomText(bytes);
    WriteFileAtomically(world_.vault.folder.File("content"), AsBytes(content_), 0600);
    world_.vault.SetCommand(kMine, {"cat", world_.vault.folder.File("content")});
    return world_.MakeBackup(kMine);
  }

  std::string RequestOf(const Backup& backup, const std::string& user, const std::string& method = "GET") {
    return method + " /api/v1/backups/" + backup.snapshot_id +
           "/download HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " + kCookieName + "=" + world_.SignIn(user) +
           "\r\n\r\n";
  }

  // Of the newest end of a download in the audit log, once there are so many.
  Json EndOf(size_t count) {
    std::vector<AuditEntry> ends;
    Eventually([&] {
      ends = world_.services.accounts.ListAudit({.action = "backup.download.end"}, 100);
      return ends.size() == count;
    });
    return ends.empty() ? Json() : Json::parse(ends.front().after);
  }

  ApiWorld world_;
  std::string content_;
  HttpServer server_{{.listen = "127.0.0.1:0"}, [this](const Request& request) { return world_.api.Answer(request); }};
};

TEST_F(DownloadsTest, ADumpComesWholeWithItsNameAndLength) {
  const Backup backup = MakeBackup(3'000'000);
  const std::string answer = Exchange(server_.port(), RequestOf(backup, "contador"));
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_TRUE(BodyOf(answer) == content_);
  const std::string head = answer.substr(0, answer.find("\r\n\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 3000000"));
  EXPECT_THAT(head, HasSubstr("filename=\"Empresa 900000001 2026 2026-11-24.dump\""));
  EXPECT_THAT(head, HasSubstr("Content-Type: application/octet-stream"));
  EXPECT_THAT(head, HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff"));
}

TEST_F(DownloadsTest, TheAuditLogHasItsBeginAndItsEnd) {
  const Backup backup = MakeBackup(1'000'000);
  Exchange(server_.port(), RequestOf(backup, "contador"));
  const Json end = EndOf(1);
  EXPECT_EQ(end.at("bytes"), 1'000'000);
  EXPECT_EQ(end.at("completo"), true);
  EXPECT_EQ(end.at("empresa"), kMine);
  const auto entries = world_.services.accounts.ListAudit({.subject = backup.snapshot_id}, 10);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].action, "backup.download");
  EXPECT_EQ(entries[1].user, "contador");
  EXPECT_EQ(entries[1].address, "127.0.0.1");
}

TEST_F(DownloadsTest, AHeadStartsNothing) {
  const Backup backup = MakeBackup(1000);
  const std::string answer = Exchange(server_.port(), RequestOf(backup, "olga", "HEAD"));
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(answer, HasSubstr("Content-Length: 1000"));
  EXPECT_EQ(BodyOf(answer), "");
  EXPECT_TRUE(world_.services.accounts.ListAudit({.action = "backup.download"}, 10).empty());
}

TEST_F(DownloadsTest, AClientThatGoesAwayEndsIt) {
  const Backup backup = MakeBackup(kLarge);
  {
    RawClient client(server_.port());
    client.Send(RequestOf(backup, "olga"));
    client.ReadUntil("\r\n\r\n");
    EXPECT_EQ(world_.services.downloads.running(), 1U);
  }
  const Json end = EndOf(1);
  EXPECT_EQ(end.at("completo"), false);
  EXPECT_LT(end.at("bytes").get<uint64_t>(), content_.size());
  EXPECT_TRUE(Eventually([&] { return world_.services.downloads.running() == 0; }));
}

TEST_F(DownloadsTest, AClientThatDoesNotReadHoldsUpItsOwnAlone) {
  const Backup backup = MakeBackup(kLarge);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (const char* user : {"olga", "olga", "olga", "ana", "ana", "ana", "contador", "contador"}) {
    clients.push_back(std::make_unique<RawClient>(server_.port()));
    clients.back()->Send(RequestOf(backup, user));
    EXPECT_THAT(clients.back()->ReadUntil("\r\n\r\n"), HasSubstr("200 OK"));
  }
  EXPECT_EQ(StatusOf(Exchange(server_.port(), GetRequest("/api/v1/openapi.json"))), 200);
  RawClient one_more(server_.port());
  one_more.Send(RequestOf(backup, "contador"));
  const std::string answer = one_more.ReadUntil("}");
  EXPECT_EQ(StatusOf(answer), 503);
  EXPECT_THAT(answer, HasSubstr("Retry-After: 30"));
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return world_.services.downloads.running() == 0; }));
}

TEST_F(DownloadsTest, NobodyHasMoreThanThreeAtOnce) {
  const Backup backup = MakeBackup(kLarge);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_.port()));
    clients.back()->Send(RequestOf(backup, "olga"));
    EXPECT_THAT(clients.back()->ReadUntil("\r\n\r\n"), HasSubstr("200 OK"));
  }
  RawClient fourth(server_.port());
  fourth.Send(RequestOf(backup, "olga"));
  EXPECT_EQ(StatusOf(fourth.ReadUntil("}")), 503);
}

TEST_F(DownloadsTest, AClientThatIsTooSlowIsCutOff) {
  const Backup backup = MakeBackup(kLarge);
  RawClient client(server_.port());
  client.Send(RequestOf(backup, "olga"));
  client.ReadUntil("\r\n\r\n");
  world_.vault.clock.Advance(std::chrono::hours(1));
  EXPECT_THAT(EndOf(1).at("mensaje").get<std::string>(), HasSubstr("slowly"));
  EXPECT_LT(client.ReadAll().size(), content_.size());
}

// The largest file of the repository is the first pack of data.
void Damage(const std::string& store, bool first_pack_only) {
  std::vector<std::filesystem::path> packs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store)) {
    const bool is_data = entry.path().string().find("/data/") != std::string::npos;
    if (entry.is_regular_file() && is_data) packs.push_back(entry.path());
  }
  std::ranges::sort(packs, {}, [](const auto& path) { return std::filesystem::file_size(path); });
  if (first_pack_only) packs.erase(packs.begin(), packs.end() - 1);
  for (const auto& path : packs) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  }
}

TEST_F(DownloadsTest, WhatIsDamagedFromItsBeginningIsAProblem) {
  const Backup backup = MakeBackup(100'000);
  Damage(world_.vault.folder.File("store"), false);
  const std::string answer = Exchange(server_.port(), RequestOf(backup, "olga"));
  EXPECT_EQ(StatusOf(answer), 500);
  EXPECT_THAT(answer, HasSubstr("urn:cofre:problem:corrupt"));
  EXPECT_THAT(answer, Not(HasSubstr("filename")));
  EXPECT_EQ(EndOf(1).at("completo"), false);
}

TEST_F(DownloadsTest, WhatBreaksHalfWayIsCutAndLooksLikeIt) {
  const Backup backup = MakeBackup(kLarge);
  Damage(world_.vault.folder.File("store"), true);
  RawClient client(server_.port());
  client.Send(RequestOf(backup, "olga"));
  const std::string answer = client.ReadAll();
  const std::string body = BodyOf(answer);
  if (StatusOf(answer) == 200) {
    EXPECT_THAT(answer.substr(0, answer.find("\r\n\r\n")), HasSubstr("Content-Length: 24000000"));
    EXPECT_LT(body.size(), content_.size());
    EXPECT_TRUE(content_.starts_with(body));
  }
  const Json end = EndOf(1);
  EXPECT_EQ(end.at("completo"), false);
  EXPECT_NE(end.at("mensaje"), nullptr);
}

// What a download without a server gives, once it has ended.
struct Taken {
  std::string text;
  FileStream::Head head;
};
Taken TakeAll(FileStream& stream) {
  Taken taken;
  bool begun = false;
  Eventually([&] {
    const auto piece = stream.Take();
    if (piece && piece->empty()) return false;
    if (!begun) taken.head = stream.Begin();
    begun = true;
    if (piece) taken.text += *piece;
    return !piece;
  });
  return taken;
}

TEST(DownloadsAloneTest, WhatIsBusyForAMomentIsTriedAgain) {
  test::ManualClock clock(ParseTime("2026-11-24T05:30:00Z").value());
  Downloads downloads(clock, 1);
  int tries = 0;
  const auto stream = downloads.Start({.make = [&](ByteSink& sink, repository::RestoreProgress& progress, const auto&) {
    if (++tries < 3) throw Error(ErrorKind::kTransient, "locked");
    progress.bytes_total = 3;
    sink.Write(AsBytes("abc"));
    sink.Finish();
  }});
  const Taken taken = TakeAll(*stream);
  EXPECT_EQ(taken.text, "abc");
  EXPECT_EQ(taken.head.bytes, 3U);
  EXPECT_EQ(tries, 3);
}

TEST(DownloadsAloneTest, WhatStaysBusyIsSaidWithWhenToTryAgain) {
  test::ManualClock clock(ParseTime("2026-11-24T05:30:00Z").value());
  Downloads downloads(clock, 1);
  const auto stream =
      downloads.Start({.make = [](ByteSink&, auto&, const auto&) { throw Error(ErrorKind::kTransient, "locked"); }});
  const Taken taken = TakeAll(*stream);
  ASSERT_NE(taken.head.instead, nullptr);
  EXPECT_EQ(taken.head.instead->status, 503);
  EXPECT_EQ(HeaderOf(*taken.head.instead, "Retry-After"), "30");
  EXPECT_LT(clock.slept(), std::chrono::minutes(1));
}

TEST(DownloadsAloneTest, WhatFailsAfterItsBeginningIsNotTriedAgain) {
  test::ManualClock clock(ParseTime("2026-11-24T05:30:00Z").value());
  DownloadEnd end;
  {
    Downloads downloads(clock, 1);
    int tries = 0;
    auto stream = downloads.Start({.make =
                                       [&](ByteSink& sink, repository::RestoreProgress& progress, const auto&) {
                                         EXPECT_EQ(++tries, 1);
                                         progress.bytes_total = 1 << 20;
                                         sink.Write(Bytes(1 << 19));
                                         throw Error(ErrorKind::kTransient, "cut");
                                       },
                                   .ended = [&](const DownloadEnd& how) { end = how; }});
    EXPECT_LT(TakeAll(*stream).text.size(), size_t{1} << 20);
    stream.reset();
  }
  EXPECT_FALSE(end.complete);
  EXPECT_EQ(end.problem, "cut");
}

TEST_F(DownloadsTest, ABackupThatIsGoneFromTheStoreIsNotFound) {
  const Backup backup = MakeBackup(1000);
  std::filesystem::remove_all(world_.vault.folder.File("store") + "/srv1/" + kMine + "/snapshots");
  EXPECT_EQ(StatusOf(Exchange(server_.port(), RequestOf(backup, "olga"))), 404);
}

}  // namespace
}  // namespace cofre::api
