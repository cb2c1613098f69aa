// Jobs on a company whose databases are folders of files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "engine/drill_job.h"
#include "engine/prune_job.h"
#include "engine/rebuild.h"
#include "engine/restore_job.h"
#include "engine/verify_job.h"
#include "sources/folder.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_tree.h"

namespace cofre::engine {
namespace {

using test::DescribeTree;
using test::WriteText;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FolderJobTest : public testing::Test, protected EngineFixture {
 protected:
  FolderJobTest() : files_(folder.File("adjuntos")) {
    std::filesystem::create_directories(files_ + "/2026");
    WriteText(files_ + "/a.pdf", "text of a");
    WriteText(files_ + "/2026/large.bin", test::NoiseText(300'000, 1));
    Server server = catalogue->GetServer("srv1");
    server.engine = Engine::kFolder;
    catalogue->UpdateServer(server);
    Database database = catalogue->GetDatabase(kCompany, 2026);
    database.path = files_;
    catalogue->UpdateDatabase(database);
    context.make_source = [this](const Server&, const Database& one) {
      return sources::MakeFolderSource(one.path, {}, clock);
    };
  }

  std::string files_;
};

TEST_F(FolderJobTest, ABackupIsInTheCatalogueAndComesBackAsAFolder) {
  const BackupOutcome outcome = BackUp();
  EXPECT_THAT(Backups(), ElementsAre(outcome.backup));
  EXPECT_EQ(outcome.backup.dump_bytes, 300'009U);
  EXPECT_EQ(outcome.backup.path, "/900869750/2026/adjuntos");
  EXPECT_EQ(outcome.warning, "");
  RestoreToDatabase(context, outcome.backup, "srv1", folder.File("target"), false, nullptr, {});
  EXPECT_EQ(DescribeTree(folder.File("target")), DescribeTree(files_));
  EXPECT_ERROR((RestoreToDatabase(context, outcome.backup, "srv1", folder.File("target"), false, nullptr, {}), 0),
               ErrorKind::kUsage, HasSubstr("is not empty"));
  ExpectSound();
}

TEST_F(FolderJobTest, AnUnchangedOneIsReplacedAtTheCostOfOneObject) {
  BackUp();
  const size_t objects = storage::ListAll(*memory, "", {}).size();
  clock.Advance(std::chrono::hours(24));
  const BackupOutcome second = BackUp();
  EXPECT_TRUE(second.unchanged);
  EXPECT_EQ(second.backup.dump_bytes, 300'009U);
  EXPECT_LE(storage::ListAll(*memory, "", {}).size(), objects + 1);
  ExpectSound();
}

TEST_F(FolderJobTest, WhatIsNoFileIsNamed) {
  ASSERT_EQ(mkfifo((files_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(BackUp().warning, "1 sockets, devices or pipes are not in the backup, such as " + files_ + "/pipe");
  EXPECT_THAT(LastJob().message, HasSubstr("/pipe"));
}

TEST_F(FolderJobTest, AFolderThatLostItsFilesIsNotBackedUp) {
  BackUp();
  std::filesystem::remove_all(files_);
  EXPECT_ERROR(BackUp(), ErrorKind::kNotFound, HasSubstr(files_));
  std::filesystem::create_directory(files_);
  EXPECT_ERROR(BackUp(), ErrorKind::kCorrupt, HasSubstr("the folder is empty"));
  EXPECT_THAT(Backups(), SizeIs(1));
}

TEST_F(FolderJobTest, ADrillRestoresItCountsItAndRemovesIt) {
  BackUp();
  const DrillOutcome outcome = RunDrill(context, kCompany, 2026, folder.File("drills"), nullptr, {});
  EXPECT_EQ(outcome.problem, "");
  ASSERT_TRUE(outcome.folder);
  EXPECT_EQ(outcome.folder->files, 2U);
  EXPECT_EQ(outcome.folder->bytes, 300'009U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.File("drills")));
  EXPECT_EQ(LastJob().message, "2 files, 2 folders");
}

TEST_F(FolderJobTest, ADownloadIsATarArchiveOfTheLengthThatWasTold) {
  const BackupOutcome outcome = BackUp();
  test::BufferSink sink;
  repository::RestoreProgress progress;
  StreamDump(context, outcome.backup, sink, &progress, {});
  EXPECT_TRUE(sink.finished());
  EXPECT_EQ(progress.bytes_total, sink.content().size());
  EXPECT_EQ(progress.bytes_written, sink.content().size());
  EXPECT_TRUE(sink.text().starts_with("adjuntos/"));
}

TEST_F(FolderJobTest, AServerOfAnotherEngineCannotTakeIt) {
  const BackupOutcome outcome = BackUp();
  catalogue->AddServer({.name = "fb"});
  EXPECT_ERROR((RestoreToDatabase(context, outcome.backup, "fb", folder.File("target"), false, nullptr, {}), 0),
               ErrorKind::kUsage, HasSubstr("the backup is a folder"));
}

TEST_F(FolderJobTest, VerifyPruneAndRebuildTakeItAsAnyOther) {
  BackUp();
  WriteText(files_ + "/2026/large.bin", test::NoiseText(300'000, 2));
  clock.Advance(std::chrono::hours(24));
  const BackupOutcome second = BackUp();
  EXPECT_TRUE(RunVerify(context, kCompany, {.read_data = true}, {}).ok());
  RunPrune(context, kCompany, {}, {});
  ExpectSound();
  OpenCatalogue("rebuilt.db");
  RebuildCatalogue(context, nullptr, {});
  const std::vector<Backup> backups = Backups();
  ASSERT_FALSE(backups.empty());
  EXPECT_EQ(backups.front().snapshot_id, second.backup.snapshot_id);
  EXPECT_EQ(catalogue->GetServer("srv1").engine, Engine::kFolder);
  RestoreToDatabase(context, backups.front(), "srv1", folder.File("target"), false, nullptr, {});
  EXPECT_EQ(DescribeTree(folder.File("target")), DescribeTree(files_));
}

}  // namespace
}  // namespace cofre::engine
