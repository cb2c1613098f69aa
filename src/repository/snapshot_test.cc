#include "repository/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

using testing::ElementsAre;

Snapshot Full() {
  Snapshot snapshot;
  snapshot.time = *ParseTime("2026-11-24T01:00:00.5Z");
  snapshot.tree = Sha256(AsBytes("tree"));
  snapshot.paths = {"/900869750/2025/CONTAB.fbk"};
  snapshot.hostname = "cofre";
  snapshot.username = "u<1>";
  snapshot.tags = {"anio=2025", "motor=firebird"};
  snapshot.program_version = "cofre 0.1.0";
  snapshot.summary = {.total_bytes_processed = 100,
                      .files_new = 1,
                      .data_added = 50,
                      .data_added_packed = 20,
                      .data_blobs = 3,
                      .backup_start = *ParseTime("2026-11-24T01:00:00Z"),
                      .backup_end = *ParseTime("2026-11-24T01:00:09Z")};
  snapshot.has_summary = true;
  return snapshot;
}

TEST(SnapshotTest, IsWrittenInResticsOrder) {
  EXPECT_EQ(SnapshotToJson(Full()),
            R"({"time":"2026-11-24T01:00:00.5Z","tree":")" + Sha256(AsBytes("tree")).Hex() +
                R"(","paths":["/900869750/2025/CONTAB.fbk"],"hostname":"cofre","username":"u\u003c1\u003e",)"
                R"("tags":["anio=2025","motor=firebird"],"program_version":"cofre 0.1.0","summary":{)"
                R"("backup_start":"2026-11-24T01:00:00Z","backup_end":"2026-11-24T01:00:09Z","files_new":1,)"
                R"("files_changed":0,"files_unmodified":0,"dirs_new":0,"dirs_changed":0,"dirs_unmodified":0,)"
                R"("data_blobs":3,"tree_blobs":0,"data_added":50,"data_added_packed":20,"total_files_processed":1,)"
                R"("total_bytes_processed":100}})");
}

TEST(SnapshotTest, GivesBackWhatWasWritten) {
  const Snapshot read = SnapshotFromJson(AsBytes(SnapshotToJson(Full())));
  EXPECT_EQ(SnapshotToJson(read), SnapshotToJson(Full()));
}

TEST(SnapshotTest, LeavesOutWhatIsEmpty) {
  Snapshot snapshot;
  snapshot.tree = Sha256(AsBytes("tree"));
  EXPECT_EQ(SnapshotToJson(snapshot),
            R"({"time":"1970-01-01T00:00:00Z","tree":")" + snapshot.tree.Hex() + R"(","paths":[]})");
}

TEST(SnapshotTest, ReadsResticsOwn) {
  const Snapshot snapshot = SnapshotFromJson(AsBytes(
      R"({"time":"2026-11-24T03:04:05.123456789-05:00","parent":")" + std::string(64, 'a') + R"(","tree":")" +
      std::string(64, 'b') +
      R"(","paths":["/a","/b"],"hostname":"h","username":"root","uid":0,"gid":0,"excludes":["*.o"],"tags":null,)"
      R"("summary":null,"original":")" +
      std::string(64, 'c') + R"("})"));
  EXPECT_EQ(FormatTime(snapshot.time), "2026-11-24T08:04:05.123456789Z");
  EXPECT_THAT(snapshot.paths, ElementsAre("/a", "/b"));
  EXPECT_FALSE(snapshot.has_summary);
}

TEST(SnapshotTest, NeedsATimeAndATree) {
  const std::string tree = R"("tree":")" + std::string(64, 'b') + "\"";
  for (const std::string& json :
       {"{" + tree + "}", std::string(R"({"time":"2026-11-24T01:00:00Z"})"), R"({"time":"yesterday",)" + tree + "}",
        std::string(R"({"time":"2026-11-24T01:00:00Z","tree":null})"), std::string("{}"),
        R"({"time":"2026-11-24T01:00:00Z",)" + tree + R"(,"tags":[1]})", std::string(200000, '[')}) {
    try {
      SnapshotFromJson(AsBytes(json));
      ADD_FAILURE() << json << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    }
  }
}

}  // namespace
}  // namespace cofre::repository
