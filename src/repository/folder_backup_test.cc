// Folders: what is stored of them, what is read again, and that nothing that fails leaves half of one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repository/prune.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::FaultyStore;
using test::FolderText;
using test::MemoryFolder;
using test::WithFolders;
using testing::HasSubstr;

BackupRequest FolderRequest(const std::optional<Digest>& parent = std::nullopt) {
  BackupRequest request = TinyRequest();
  request.path = "/900869750/2026/adjuntos";
  request.parent = parent;
  return request;
}

BackupTuning Tuning() {
  BackupTuning tuning = TinyTuning();
  tuning.index.blobs = 15;
  return tuning;
}

FolderText FirstDay() {
  FolderText text{{"empty/", ""}, {"empty.txt", ""}, {"link", "-> a/b"}, {"a/b/c/deep.txt", "deep"}};
  text["large.bin"] = test::NoiseText(150'000, 1);
  for (int i = 10; i < 25; ++i) text["many/" + std::to_string(i)] = test::NoiseText(3000, 100 + i);
  return text;
}

FolderText SecondDay() {
  FolderText text = FirstDay();
  text.erase("many/17");
  text["many/new"] = test::NoiseText(60'000, 3);
  text["large.bin"] += "appended";
  return text;
}

BackupResult BackUpFolder(Repository& repository, FolderSource& source, const std::optional<Digest>& parent = {}) {
  return WriteFolderBackupTuned(repository, source, FolderRequest(parent), Tuning(), nullptr, {});
}

BackupResult BackUpFolder(Repository& repository, const FolderText& text, const std::optional<Digest>& parent = {}) {
  MemoryFolder source(text);
  return BackUpFolder(repository, source, parent);
}

FolderText Restored(Repository& repository, const Snapshot& snapshot) {
  test::MemoryFolderSink sink;
  RestoreFolder(repository, snapshot, [&](const FolderContents&) -> FolderSink& { return sink; }, nullptr, {});
  EXPECT_TRUE(sink.finished());
  return sink.text();
}

void ExpectFoldersConsistent(const RepositoryFixture& fixture, const std::map<Digest, FolderText>& snapshots) {
  EXPECT_TRUE(fixture.Keys("locks/").empty());
  const auto repository = fixture.OpenClean();
  for (const CheckProblem& problem : Check(*repository, {.read_data = true}, {}).problems) {
    ADD_FAILURE() << problem.object << ": " << problem.message;
  }
  const std::vector<Snapshot> found = repository->ListSnapshots({});
  EXPECT_EQ(found.size(), snapshots.size());
  for (const Snapshot& snapshot : found) {
    ASSERT_TRUE(snapshots.contains(snapshot.id)) << "a snapshot that nobody was told of";
    EXPECT_EQ(Restored(*repository, snapshot), WithFolders(snapshots.at(snapshot.id)));
  }
}

TEST(FolderBackupTest, AllOfItComesBack) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult result = BackUpFolder(*repository, FirstDay());
  EXPECT_EQ(result.bytes_read, 150'000U + 15 * 3000 + 4);
  EXPECT_EQ(result.snapshot.summary.files_new, 18U);
  EXPECT_FALSE(result.unchanged);
  ExpectFoldersConsistent(fixture, {{result.snapshot.id, FirstDay()}});
}

TEST(FolderBackupTest, AnUnchangedFolderCostsOneObjectAndNoFileIsOpened) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult first = BackUpFolder(*repository, FirstDay());
  const size_t objects = fixture.Keys("").size();
  MemoryFolder again(FirstDay());
  const BackupResult second = BackUpFolder(*repository, again, first.snapshot.id);
  EXPECT_EQ(again.opened(), 0U);
  EXPECT_TRUE(second.unchanged);
  EXPECT_EQ(second.snapshot.tree, first.snapshot.tree);
  EXPECT_EQ(second.bytes_read, first.bytes_read);
  EXPECT_EQ(second.snapshot.summary.files_unmodified, 18U);
  EXPECT_EQ(fixture.Keys("").size(), objects + 1);
}

TEST(FolderBackupTest, WithoutAParentAllIsReadAndNothingIsStoredTwice) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUpFolder(*repository, FirstDay());
  const size_t objects = fixture.Keys("").size();
  MemoryFolder again(FirstDay());
  const BackupResult second = BackUpFolder(*repository, again);
  EXPECT_EQ(again.opened(), 18U);
  EXPECT_TRUE(second.unchanged);
  EXPECT_EQ(fixture.Keys("").size(), objects + 1);
}

TEST(FolderBackupTest, OnlyWhatChangedIsRead) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult first = BackUpFolder(*repository, FirstDay());
  MemoryFolder next(SecondDay());
  const BackupResult second = BackUpFolder(*repository, next, first.snapshot.id);
  EXPECT_EQ(next.opened(), 2U);
  ExpectFoldersConsistent(fixture, {{first.snapshot.id, FirstDay()}, {second.snapshot.id, SecondDay()}});
}

TEST(FolderBackupTest, AFileChangedAboutWhenItWasReadIsReadAgain) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackupRequest request = FolderRequest();
  request.dump_start = test::kLongAgo + std::chrono::seconds(4);
  MemoryFolder source({{"old", "1"}, {"four", "four"}, {"long", "longer"}});
  const BackupResult first = WriteFolderBackupTuned(*repository, source, request, Tuning(), nullptr, {});
  MemoryFolder again({{"old", "1"}, {"four", "four"}, {"long", "longer"}});
  BackUpFolder(*repository, again, first.snapshot.id);
  EXPECT_EQ(again.opened(), 2U);
}

TEST(FolderBackupTest, AParentThatIsGoneOrOfADumpCostsTimeOnly) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult dump = BackUp(*repository, test::Noise(50'000, 9));
  for (const Digest& parent : {Sha256(AsBytes("gone")), dump.snapshot.id}) {
    MemoryFolder source(FirstDay());
    const BackupResult result = BackUpFolder(*repository, source, parent);
    EXPECT_EQ(source.opened(), 18U);
    EXPECT_EQ(Restored(*repository, result.snapshot), WithFolders(FirstDay()));
  }
}

TEST(FolderBackupTest, AFileThatChangesWhileItIsReadIsInItAsItWasInTheEnd) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  MemoryFolder source({{"a", test::NoiseText(30'000, 1)}, {"b", "b"}});
  const std::string after = test::NoiseText(20'000, 2);
  source.ChangeWhileRead("a", after);
  const BackupResult result = BackUpFolder(*repository, source);
  EXPECT_EQ(result.bytes_read, 20'001U);
  ExpectFoldersConsistent(fixture, {{result.snapshot.id, {{"a", after}, {"b", "b"}}}});
}

TEST(FolderBackupTest, AFileThatVanishesBeforeItIsOpenedIsNoPartOfIt) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  MemoryFolder source({{"a", "a"}, {"b", "b"}});
  source.Vanish("a");
  const BackupResult result = BackUpFolder(*repository, source);
  ExpectFoldersConsistent(fixture, {{result.snapshot.id, {{"b", "b"}}}});
}

TEST(FolderBackupTest, AFileThatCannotBeReadEndsItWithoutASnapshot) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  MemoryFolder source(FirstDay());
  source.on_open = [](const std::string& name) {
    if (name == "20") throw Error(ErrorKind::kPermanent, "cannot read 30");
  };
  EXPECT_ERROR(BackUpFolder(*repository, source), ErrorKind::kPermanent, HasSubstr("cannot read 30"));
  ExpectFoldersConsistent(fixture, {});
}

TEST(FolderBackupTest, AnEmptyFolderIsOneUnlessItWasNot) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const FolderText nothing;
  const BackupResult empty = BackUpFolder(*repository, nothing);
  EXPECT_EQ(Restored(*repository, empty.snapshot), (FolderText{{"", ""}}));
  BackUpFolder(*repository, nothing, empty.snapshot.id);
  const BackupResult full = BackUpFolder(*repository, FirstDay(), empty.snapshot.id);
  EXPECT_ERROR(BackUpFolder(*repository, nothing, full.snapshot.id), ErrorKind::kCorrupt,
               HasSubstr("the folder is empty"));
}

TEST(FolderBackupTest, ManyEntriesPassThroughSmallBlocks) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  FolderText text;
  for (int i = 0; i < 3000; ++i) text["folder " + std::to_string(i % 50) + "/" + std::to_string(i)] = "";
  for (int i = 0; i < 3000; ++i) text["links/" + std::to_string(i)] = "-> " + std::to_string(i);
  const BackupResult result = BackUpFolder(*repository, text);
  EXPECT_EQ(Restored(*repository, result.snapshot), WithFolders(text));
  EXPECT_EQ(BackUpFolder(*repository, text, result.snapshot.id).unchanged, true);
}

TEST(FolderBackupTest, APruneKeepsEveryTreeBelow) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult first = BackUpFolder(*repository, FirstDay());
  const BackupResult second = BackUpFolder(*repository, SecondDay(), first.snapshot.id);
  fixture.memory->Delete(KeyOf(FileKind::kSnapshot, first.snapshot.id), {});
  Prune(*fixture.Open(), {.max_unused = 0}, {});
  ExpectFoldersConsistent(fixture, {{second.snapshot.id, SecondDay()}});
}

// As in backup_failure_test.cc.
void ExpectSurvived(const std::function<void(FaultyStore&)>& plant, const std::string& what) {
  SCOPED_TRACE(what);
  const RepositoryFixture fixture;
  std::map<Digest, FolderText> snapshots;
  const auto repository = fixture.Open();
  const Digest first = BackUpFolder(*repository, FirstDay()).snapshot.id;
  snapshots.emplace(first, FirstDay());

  plant(*fixture.store);
  bool failed = false;
  try {
    snapshots.emplace(BackUpFolder(*repository, SecondDay(), first).snapshot.id, SecondDay());
  } catch (const Error&) {
    failed = true;
  }
  fixture.store->Heal();
  for (const Snapshot& snapshot : fixture.OpenClean()->ListSnapshots({})) {
    // Only where the answer to its upload was lost.
    if (failed) snapshots.emplace(snapshot.id, SecondDay());
  }
  EXPECT_LE(snapshots.size(), 2U);
  snapshots.emplace(BackUpFolder(*repository, SecondDay(), first).snapshot.id, SecondDay());
  snapshots.emplace(BackUpFolder(*fixture.Open(), SecondDay()).snapshot.id, SecondDay());
  ExpectFoldersConsistent(fixture, snapshots);
}

uint64_t OperationsOfASecondDay() {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const Digest first = BackUpFolder(*repository, FirstDay()).snapshot.id;
  fixture.store->ResetCounts();
  BackUpFolder(*repository, SecondDay(), first);
  return fixture.store->CountAll();
}

TEST(FolderBackupFailureTest, AnyOperationOfTheStoreMayFail) {
  const uint64_t operations = OperationsOfASecondDay();
  EXPECT_GE(operations, 10U);
  for (uint64_t number = 1; number <= operations; ++number) {
    for (const auto fault : {FaultyStore::Fault::kError, FaultyStore::Fault::kLostAnswer}) {
      ExpectSurvived([&](FaultyStore& store) { store.FailNth(number, fault, ErrorKind::kPermanent); },
                     "operation " + std::to_string(number) + ", fault " + std::to_string(static_cast<int>(fault)));
    }
  }
}

TEST(FolderBackupFailureTest, ThePowerMayGoAfterAnyWrite) {
  const uint64_t operations = OperationsOfASecondDay();
  for (uint64_t writes = 0; writes < operations; ++writes) {
    for (const bool lost_answer : {false, true}) {
      ExpectSurvived([&](FaultyStore& store) { store.CutPowerAfter(writes, lost_answer); },
                     "after " + std::to_string(writes) + (lost_answer ? " writes, answer lost" : " writes"));
    }
  }
}

// Snapshots that nobody but an attacker writes.
class HostileFolderTest : public testing::Test {
 protected:
  HostileFolderTest() {
    repository_.Initialize();
    open_ = repository_.Open();
  }

  std::string File(const std::string& name, uint64_t size = 0) {
    return R"({"name":")" + name + R"(","type":"file","mode":420,"size":)" + std::to_string(size) + R"(,"content":[]})";
  }
  std::string Link(const std::string& name, const std::string& target) {
    return R"({"name":")" + name + R"(","type":"symlink","linktarget":")" + target + R"(","content":null})";
  }
  std::string Folder(const std::string& name, const Digest& tree) {
    return R"({"name":")" + name + R"(","type":"dir","content":null,"subtree":")" + tree.Hex() + R"("})";
  }
  Digest Tree(const std::string& nodes) {
    TreeBlob tree = FinishTree(nodes);
    trees_.push_back(tree.json);
    return tree.id;
  }
  Snapshot SnapshotOf(const Digest& root) {
    Repository::State& state = open_->state();
    state.SaveIndex(std::vector{test::StorePack(state, BlobType::kTree, trees_)}, {});
    trees_.clear();
    Snapshot snapshot;
    snapshot.time = repository_.clock.Now();
    snapshot.tree = root;
    snapshot.paths = {"/elsewhere"};
    snapshot.id = state.SaveUnpacked(FileKind::kSnapshot, SnapshotToJson(snapshot), {}).id;
    return snapshot;
  }
  // Nothing was asked for a place to write to.
  void ExpectRefused(const Digest& root, const std::string& why) {
    const Snapshot snapshot = SnapshotOf(root);
    bool opened = false;
    test::MemoryFolderSink sink;
    const auto open = [&](const FolderContents&) -> FolderSink& {
      opened = true;
      return sink;
    };
    EXPECT_ERROR(RestoreFolder(*open_, snapshot, open, nullptr, {}), ErrorKind::kCorrupt, HasSubstr(why));
    EXPECT_FALSE(opened);
  }

  test::SmallRepository repository_;
  std::unique_ptr<Repository> open_;
  std::vector<std::string> trees_;
};

TEST_F(HostileFolderTest, NamesThatLeadOutOfTheirFolderAreRefused) {
  for (const char* name : {"..", ".", "a/b", "/etc/passwd", "../x", "nul\\u0000", R"(quoted\\x2fslash)"}) {
    SCOPED_TRACE(name);
    const Digest inner = Tree(File("good") + "," + File(name));
    ExpectRefused(Tree(Folder("a", inner)), "has a name that no file can have");
  }
}

TEST_F(HostileFolderTest, ALinkAndAFolderOfOneNameAreRefused) {
  const Digest inner = Tree(File("passwd"));
  ExpectRefused(Tree(Link("x", "/etc") + "," + Folder("x", inner)), "is there twice");
  ExpectRefused(Tree(File("x") + "," + Link("y", "x") + "," + File("x")), "is there twice");
}

TEST_F(HostileFolderTest, ALinkToNowhereIsOneAndToNoNameIsNone) {
  ExpectRefused(Tree(Link("x", "")), "leads to no name");
  ExpectRefused(Tree(Link("x", "a\\u0000b")), "leads to no name");
  EXPECT_EQ(Restored(*open_, SnapshotOf(Tree(Link("x", "/nowhere")))), (FolderText{{"", ""}, {"x", "-> /nowhere"}}));
}

TEST_F(HostileFolderTest, AFileThatIsNotAsLongAsItsBlobsIsRefused) {
  ExpectRefused(Tree(File("x", 5)), "should have 5 bytes, but its blobs have 0");
}

TEST_F(HostileFolderTest, FoldersWithoutEndAreRefused) {
  Digest tree = Tree(File("bottom"));
  for (size_t i = 1; i < kDeepestFolder; ++i) tree = Tree(Folder("x", tree));
  EXPECT_EQ(Restored(*open_, SnapshotOf(tree)).size(), kDeepestFolder + 1);
  ExpectRefused(Tree(Folder("x", tree)), "nest deeper");
}

TEST_F(HostileFolderTest, AFewTreesThatMakeUpMoreThanAnyDiskHoldsAreRefusedAtOnce) {
  Digest tree = Tree(File("leaf"));
  for (int level = 0; level < 60; ++level) {
    tree = Tree(Folder("a", tree) + "," + Folder("b", tree) + "," + Folder("c", tree));
  }
  ExpectRefused(tree, "more than 100000000 entries");
}

TEST_F(HostileFolderTest, DevicesAndPipesAreLeftOutAndCounted) {
  const Snapshot snapshot = SnapshotOf(Tree(
      R"({"name":"null","type":"chardev","device":259,"content":null},{"name":"p","type":"fifo","content":null},)" +
      File("x")));
  test::MemoryFolderSink sink;
  const FolderContents contents =
      RestoreFolder(*open_, snapshot, [&](const FolderContents&) -> FolderSink& { return sink; }, nullptr, {});
  EXPECT_EQ(contents.left_out, 2U);
  EXPECT_EQ(sink.text(), (FolderText{{"", ""}, {"x", ""}}));
}

}  // namespace
}  // namespace cofre::repository
