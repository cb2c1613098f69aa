#include "sources/folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_tree.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

namespace fs = std::filesystem;
using test::DescribeTree;
using test::WriteText;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FolderTest : public testing::Test {
 protected:
  FolderTest() : path_(folder_.File("adjuntos")) { fs::create_directory(path_); }

  std::unique_ptr<Source> Make(const std::string& path) { return MakeFolderSource(path, limits_, clock_); }
  std::unique_ptr<FolderDump> Walk(std::stop_token stop = {}) { return Make(path_)->DumpFolder(std::move(stop)); }

  // "name", "name/", "name -> target", and "^" for each way up; files are read to their end.
  static std::vector<std::string> All(FolderDump& walk) {
    std::vector<std::string> all;
    for (FolderStep step = walk.Next(); step.kind != FolderStep::Kind::kEnd; step = walk.Next()) {
      if (step.kind == FolderStep::Kind::kLeave) {
        all.emplace_back("^");
      } else if (step.entry.type == EntryType::kFolder) {
        all.push_back(step.entry.name + "/");
      } else if (step.entry.type == EntryType::kLink) {
        all.push_back(step.entry.name + " -> " + step.entry.target);
      } else if (walk.Open(step.entry)) {
        std::string text;
        do {
          text = ReadOpen(walk);
        } while (!walk.Settled(step.entry));
        all.push_back(step.entry.name + ": " + text);
      }
    }
    return all;
  }

  static std::string ReadOpen(FolderDump& walk) {
    std::string text;
    Bytes buffer(7);
    while (const size_t bytes = walk.Read(buffer)) text += AsText(ByteView(buffer).first(bytes));
    return text;
  }

  // Copies what is in path_ by way of both halves.
  void Copy(const std::string& target, bool replace) {
    const auto walk = Walk();
    const auto sink = Make(path_)->RestoreFolder(target, replace, {});
    Bytes buffer(1 << 16);
    for (FolderStep step = walk->Next(); step.kind != FolderStep::Kind::kEnd; step = walk->Next()) {
      if (step.kind == FolderStep::Kind::kLeave) {
        sink->LeaveFolder();
      } else if (step.entry.type == EntryType::kFolder) {
        sink->EnterFolder(step.entry);
      } else if (step.entry.type == EntryType::kLink) {
        sink->AddLink(step.entry);
      } else if (walk->Open(step.entry)) {
        sink->BeginFile(step.entry);
        while (const size_t bytes = walk->Read(buffer)) sink->Write(ByteView(buffer).first(bytes));
        sink->EndFile();
      }
    }
    sink->Finish();
  }

  // Of the folder that all of it lies in: whatever is hidden was left behind.
  std::vector<std::string> Entries() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  test::TemporaryFolder folder_;
  std::string path_;
  test::ManualClock clock_{TimePoint(std::chrono::seconds(1'800'000'000))};
  Limits limits_;
};

TEST_F(FolderTest, GivesEntriesInTheOrderOfTheirBytes) {
  WriteText(path_ + "/b", "text of b");
  WriteText(path_ + "/B", "");
  WriteText(path_ + "/\xC3\xB1", "n");
  fs::create_directories(path_ + "/a/empty");
  fs::create_symlink("b", path_ + "/link");
  EXPECT_THAT(All(*Walk()),
              ElementsAre("/", "B: ", "a/", "empty/", "^", "^", "b: text of b", "link -> b", "\xC3\xB1: n", "^"));
}

TEST_F(FolderTest, LinksAreNotFollowed) {
  fs::create_directory(folder_.File("outside"));
  WriteText(folder_.File("outside") + "/secret", "secret");
  fs::create_symlink(folder_.File("outside"), path_ + "/inside");
  EXPECT_THAT(All(*Walk()), ElementsAre("/", "inside -> " + folder_.File("outside"), "^"));

  fs::create_symlink(path_, folder_.File("link"));
  EXPECT_ERROR(All(*Make(folder_.File("link"))->DumpFolder({})), ErrorKind::kUsage, HasSubstr("is not a folder"));
}

TEST_F(FolderTest, AFileThatBecomesALinkIsNotFollowed) {
  WriteText(path_ + "/a", "a");
  const auto walk = Walk();
  walk->Next();
  FolderEntry entry = walk->Next().entry;
  fs::remove(path_ + "/a");
  fs::create_symlink("/etc/passwd", path_ + "/a");
  EXPECT_ERROR(walk->Open(entry), ErrorKind::kTransient, HasSubstr("is none any more"));
}

TEST_F(FolderTest, AFolderThatBecomesALinkIsNotFollowed) {
  fs::create_directory(path_ + "/a");
  WriteText(path_ + "/a/x", "x");
  fs::create_directory(folder_.File("outside"));
  WriteText(folder_.File("outside") + "/x", "secret");
  const auto walk = Walk();
  walk->Next();
  walk->Next();
  // Whoever owns the folder swaps it once it is open: what is read is what was opened.
  fs::rename(path_ + "/a", folder_.File("moved"));
  fs::create_symlink(folder_.File("outside"), path_ + "/a");
  FolderEntry entry = walk->Next().entry;
  ASSERT_TRUE(walk->Open(entry));
  EXPECT_EQ(ReadOpen(*walk), "x");
}

TEST_F(FolderTest, AFileThatBecomesAPipeDoesNotHang) {
  WriteText(path_ + "/a", "a");
  const auto walk = Walk();
  walk->Next();
  FolderEntry entry = walk->Next().entry;
  fs::remove(path_ + "/a");
  ASSERT_EQ(mkfifo((path_ + "/a").c_str(), 0600), 0);
  EXPECT_ERROR(walk->Open(entry), ErrorKind::kTransient, HasSubstr("is none any more"));
}

TEST_F(FolderTest, WhatVanishesIsNoPartOfIt) {
  WriteText(path_ + "/a", "a");
  WriteText(path_ + "/b", "b");
  WriteText(path_ + "/c", "c");
  const auto walk = Walk();
  walk->Next();
  FolderEntry a = walk->Next().entry;
  fs::remove(path_ + "/a");
  fs::remove(path_ + "/b");
  EXPECT_FALSE(walk->Open(a));
  EXPECT_EQ(walk->Next().entry.name, "c");
}

TEST_F(FolderTest, SocketsAndPipesAreLeftOutAndCounted) {
  ASSERT_EQ(mkfifo((path_ + "/pipe").c_str(), 0600), 0);
  const FileDescriptor made(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (path_ + "/s").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  WriteText(path_ + "/file", "");
  const auto walk = Walk();
  EXPECT_THAT(All(*walk), ElementsAre("/", "file: ", "^"));
  EXPECT_EQ(walk->left_out().count, 2U);
  EXPECT_THAT(walk->left_out().examples, ElementsAre(path_ + "/pipe", path_ + "/s"));
}

TEST_F(FolderTest, AFileThatChangesWhileItIsReadIsReadAgain) {
  WriteText(path_ + "/a", "before");
  const auto walk = Walk();
  walk->Next();
  FolderEntry entry = walk->Next().entry;
  ASSERT_TRUE(walk->Open(entry));
  EXPECT_EQ(ReadOpen(*walk), "before");
  WriteText(path_ + "/a", "afterwards");
  EXPECT_FALSE(walk->Settled(entry));
  EXPECT_EQ(entry.size, 10U);
  EXPECT_EQ(ReadOpen(*walk), "afterwards");
  EXPECT_TRUE(walk->Settled(entry));
}

TEST_F(FolderTest, AFileThatNeverHoldsStillIsNotCalledGood) {
  WriteText(path_ + "/a", "");
  const auto walk = Walk();
  walk->Next();
  FolderEntry entry = walk->Next().entry;
  ASSERT_TRUE(walk->Open(entry));
  const auto change = [&] {
    for (size_t length = 1;; ++length) {
      ReadOpen(*walk);
      WriteText(path_ + "/a", std::string(length, 'x'));
      if (walk->Settled(entry)) return;
    }
  };
  const auto change_for_ever = [&] {
    change();
    return 0;
  };
  EXPECT_ERROR(change_for_ever(), ErrorKind::kTransient, HasSubstr("changes while it is read"));
}

TEST_F(FolderTest, WhatMayNotBeReadEndsIt) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  WriteText(path_ + "/a", "a");
  fs::permissions(path_ + "/a", fs::perms::none);
  EXPECT_ERROR(All(*Walk()), ErrorKind::kPermanent, HasSubstr("cannot read " + path_ + "/a"));
}

TEST_F(FolderTest, FoldersWithoutEndAreRefused) {
  std::string deep = path_;
  for (size_t i = 1; i < kDeepestFolder; ++i) deep += "/x";
  fs::create_directories(deep);
  EXPECT_EQ(All(*Walk()).size(), 2 * kDeepestFolder);
  fs::create_directory(deep + "/x");
  EXPECT_ERROR(All(*Walk()), ErrorKind::kPermanent, HasSubstr("nests deeper than 250"));
}

TEST_F(FolderTest, AStopAndTheTimeLimitEndIt) {
  std::stop_source stop;
  const auto stopped = Walk(stop.get_token());
  stopped->Next();
  stop.request_stop();
  EXPECT_ERROR(stopped->Next(), ErrorKind::kCancelled, HasSubstr("cancelled"));

  const auto endless = Walk();
  endless->Next();
  clock_.Advance(limits_.endless);
  EXPECT_ERROR(endless->Next(), ErrorKind::kPermanent, HasSubstr("took longer than 1800 s"));
}

TEST_F(FolderTest, TheProbeSaysWhatIsMissing) {
  EXPECT_NO_THROW(Make(path_)->Probe({}));
  EXPECT_ERROR(Make(path_ + "/nowhere")->Probe({}), ErrorKind::kNotFound, HasSubstr("nowhere"));
  WriteText(path_ + "/file", "");
  EXPECT_ERROR(Make(path_ + "/file")->Probe({}), ErrorKind::kUsage, HasSubstr("is not a folder"));
}

TEST_F(FolderTest, ItHasNoDumpAndItsNameIsThatOfTheFolder) {
  EXPECT_ERROR(Make(path_)->Dump({}), ErrorKind::kUsage, HasSubstr("is a folder"));
  EXPECT_EQ(Make("/srv/a\xC3\xB1o 2026")->DumpName(), "a_o_2026");
  EXPECT_EQ(Make("/srv/adjuntos/")->DumpName(), "adjuntos");
  EXPECT_EQ(Make("/srv/v1.2")->DumpName(), "v1.2");
}

TEST_F(FolderTest, ARestoreBringsBackNamesTimesModesAndLinks) {
  test::MakeOddFolder(path_);
  const auto expected = DescribeTree(path_);
  Copy(folder_.File("target"), false);
  EXPECT_EQ(DescribeTree(folder_.File("target")), expected);
  EXPECT_THAT(Entries(), ElementsAre("adjuntos", "target"));
}

TEST_F(FolderTest, AnEmptyTargetIsAsGoodAsNone) {
  WriteText(path_ + "/a", "a");
  fs::create_directory(folder_.File("target"));
  Copy(folder_.File("target") + "/", false);
  EXPECT_EQ(DescribeTree(folder_.File("target")), DescribeTree(path_));
}

TEST_F(FolderTest, NothingIsWrittenOver) {
  WriteText(path_ + "/a", "a");
  const std::string target = folder_.File("target");
  fs::create_directory(target);
  WriteText(target + "/mine", "mine");
  EXPECT_ERROR(Make(path_)->RestoreFolder(target, false, {}), ErrorKind::kUsage, HasSubstr("is not empty"));
  EXPECT_ERROR(Make(path_)->RestoreFolder(target + "/mine", true, {}), ErrorKind::kUsage, HasSubstr("is no folder"));
  fs::create_symlink(target, folder_.File("link"));
  EXPECT_ERROR(Make(path_)->RestoreFolder(folder_.File("link"), true, {}), ErrorKind::kUsage,
               HasSubstr("is no folder"));
  EXPECT_EQ(ReadFile(target + "/mine", 100), "mine");
}

TEST_F(FolderTest, ATargetThatFillsMeanwhileIsNotWrittenOver) {
  const std::string target = folder_.File("target");
  const auto sink = Make(path_)->RestoreFolder(target, false, {});
  sink->EnterFolder({.type = EntryType::kFolder, .mode = 0755});
  sink->LeaveFolder();
  fs::create_directory(target);
  WriteText(target + "/mine", "mine");
  const auto finish = [&] {
    sink->Finish();
    return 0;
  };
  EXPECT_ERROR(finish(), ErrorKind::kUsage, HasSubstr("is not empty"));
  EXPECT_EQ(ReadFile(target + "/mine", 100), "mine");
}

TEST_F(FolderTest, AReplacedFolderIsTheOldOneUntilTheNewOneIsWhole) {
  WriteText(path_ + "/a", "a");
  const std::string target = folder_.File("target");
  fs::create_directories(target + "/read only");
  WriteText(target + "/read only/mine", "mine");
  fs::permissions(target + "/read only", fs::perms::owner_read | fs::perms::owner_exec);
  {
    const auto sink = Make(path_)->RestoreFolder(target, true, {});
    sink->EnterFolder({.type = EntryType::kFolder, .mode = 0755});
    sink->BeginFile({.name = "half", .mode = 0600, .size = 9});
  }
  EXPECT_EQ(ReadFile(target + "/read only/mine", 100), "mine");
  EXPECT_THAT(Entries(), ElementsAre("adjuntos", "target"));
  Copy(target, true);
  EXPECT_EQ(DescribeTree(target), DescribeTree(path_));
  EXPECT_THAT(Entries(), ElementsAre("adjuntos", "target"));
}

TEST_F(FolderTest, OwnersComeBackWhereThisIsRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  WriteText(path_ + "/a", "a");
  ASSERT_EQ(chown((path_ + "/a").c_str(), 1234, 4321), 0);
  ASSERT_EQ(chmod((path_ + "/a").c_str(), 06755), 0);
  Copy(folder_.File("target"), false);
  struct stat about {};
  ASSERT_EQ(stat((folder_.File("target") + "/a").c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, 1234U);
  EXPECT_EQ(about.st_gid, 4321U);
  EXPECT_EQ(about.st_mode & 07777, 06755U);
}

}  // namespace
}  // namespace cofre::sources
