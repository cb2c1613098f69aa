// What is special about the catalogue as an SQLite file: how it is made, shared by processes, damaged, full.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <soci/soci.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

#include "base/file.h"
#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "tests/support/temporary_folder.h"

namespace cofre::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SqliteBackendTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::string path_ = folder_.File("catalogo.db");
};

std::string Failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(ErrorKindName(error.kind())) + ": " + error.what() + " | " + error.hint();
  }
  return "nothing was thrown";
}

// Runs `act` in a process of its own and returns its exit code: 0, or 1 where it threw.
int RunInChild(const std::function<void()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      act();
    } catch (const std::exception& error) {
      (void)fprintf(stderr, "%s\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqliteBackendTest, AMissingCatalogueIsNotReplacedByAnEmptyOne) {
  EXPECT_THAT(Failure([&] { Catalogue::Open(path_); }),
              AllOf(StartsWith("not_found: there is no catalogue at " + path_), HasSubstr("cofre catalogue rebuild")));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteBackendTest, AnEmptyFileIsNoCatalogue) {
  std::ofstream(path_).close();
  EXPECT_THAT(Failure([&] { Catalogue::Open(path_); }), StartsWith("not_found: " + path_ + " holds no catalogue"));
  Catalogue::OpenOrCreate(path_);
  EXPECT_NO_THROW(Catalogue::Open(path_));
}

TEST_F(SqliteBackendTest, AMissingFolderIsNamed) {
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(folder_.File("none/catalogo.db")); }),
              AllOf(StartsWith("not_found"), HasSubstr("none/catalogo.db")));
}

TEST_F(SqliteBackendTest, PathsMayHaveBlanksAccentsAndSigns) {
  for (const char* name : {"con blancos ñ.db", "a=b;c'd.db", "ends with backslash\\"}) {
    const std::string path = folder_.File(name);
    Catalogue::OpenOrCreate("sqlite:" + path)->AddServer({.name = "norte"});
    EXPECT_TRUE(std::filesystem::exists(path)) << name;
    EXPECT_EQ(Catalogue::Open(path)->ListServers().size(), 1U) << name;
  }
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(folder_.File("a\"b.db")); }), StartsWith("usage"));
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(""); }), StartsWith("usage"));
}

TEST_F(SqliteBackendTest, OthersMayNotReadIt) {
  const auto catalogue = Catalogue::OpenOrCreate(path_);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & S_IRWXO, 0U) << suffix;
  }
}

TEST_F(SqliteBackendTest, CommitsAreOnDiskAndForeignKeysAreChecked) {
  const auto session = Connect(path_, true);
  int synchronous = 0;
  int foreign_keys = 0;
  std::string journal;
  *session << "PRAGMA synchronous", soci::into(synchronous);
  *session << "PRAGMA foreign_keys", soci::into(foreign_keys);
  *session << "PRAGMA journal_mode", soci::into(journal);
  EXPECT_EQ(synchronous, 2);  // FULL
  EXPECT_EQ(foreign_keys, 1);
  EXPECT_EQ(journal, "wal");
}

TEST_F(SqliteBackendTest, ACatalogueOfANewerCofreIsRefused) {
  Catalogue::OpenOrCreate(path_);
  *Connect(path_, false) << "INSERT INTO schema_versions (version) VALUES (999)";
  EXPECT_THAT(Failure([&] { Catalogue::Open(path_); }),
              AllOf(StartsWith("permanent"), HasSubstr("has version 999, this cofre knows those up to"),
                    HasSubstr("install that version or a later one")));
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(path_); }), StartsWith("permanent"));
}

TEST_F(SqliteBackendTest, ADatabaseOfSomethingElseIsLeftAlone) {
  *Connect(path_, true) << "CREATE TABLE invoices (id INTEGER)";
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(path_); }),
              AllOf(StartsWith("usage"), HasSubstr("is a database of something else than cofre")));
  EXPECT_TRUE(HasTable(*Connect(path_, false), "invoices"));
  EXPECT_FALSE(HasTable(*Connect(path_, false), "servers"));
}

TEST_F(SqliteBackendTest, WhatIsNoDatabaseIsCorrupt) {
  std::ofstream(path_) << std::string(100'000, 'x');
  EXPECT_THAT(Failure([&] { Catalogue::Open(path_); }),
              AllOf(StartsWith("corrupt"), HasSubstr("cofre catalogue rebuild")));
}

TEST_F(SqliteBackendTest, ADamagedPageIsCorrupt) {
  {
    const auto catalogue = Catalogue::OpenOrCreate(path_);
    for (int i = 0; i < 300; ++i)
      catalogue->AddServer({.name = "s" + std::to_string(i), .host = std::string(500, 'h')});
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 10; page < 30; ++page) {
    file.seekp(page * 4096);
    file << std::string(4096, '\xEE');
  }
  file.close();
  EXPECT_THAT(Failure([&] { (void)Catalogue::Open(path_)->ListServers(); }), StartsWith("corrupt"));
}

TEST_F(SqliteBackendTest, ProcessesMayMakeItAtOnce) {
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      _exit(RunInChild([&] { Catalogue::OpenOrCreate(path_)->AddServer({.name = "s" + std::to_string(i)}); }));
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_EQ(Catalogue::Open(path_)->ListServers().size(), static_cast<size_t>(kProcesses));
}

TEST_F(SqliteBackendTest, AProcessKilledInsideATransactionLeavesNothingOfIt) {
  Catalogue::OpenOrCreate(path_);
  const pid_t child = fork();
  if (child == 0) {
    const auto catalogue = Catalogue::Open(path_);
    const Transaction transaction(*catalogue);
    for (int i = 0; i < 500; ++i)
      catalogue->AddServer({.name = "s" + std::to_string(i), .host = std::string(1000, 'h')});
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto catalogue = Catalogue::Open(path_);
  EXPECT_TRUE(catalogue->ListServers().empty());
  catalogue->AddServer({.name = "norte"});
}

// Whether this process holds a lock on the file, as another one sees it.
bool IsLocked(const std::string& path) {
  return RunInChild([&] {
           const FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
           struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
           if (fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) throw std::runtime_error("not locked");
         }) == 0;
}

TEST_F(SqliteBackendTest, ASecondConnectionOfTheProcessLeavesTheLocksOfTheFirst) {
  const auto first = Catalogue::OpenOrCreate(path_);
  EXPECT_TRUE(first->ListServers().empty());
  ASSERT_TRUE(IsLocked(path_));
  const auto second = Catalogue::Open(path_);
  EXPECT_TRUE(IsLocked(path_));
  (void)Catalogue::OpenOrCreate(path_);
  EXPECT_TRUE(IsLocked(path_));
}

TEST_F(SqliteBackendTest, AWriterWaitsForTheOtherOne) {
  const auto first = Catalogue::OpenOrCreate(path_);
  const auto second = Catalogue::Open(path_);
  auto transaction = std::make_unique<Transaction>(*first);
  first->AddServer({.name = "a"});
  std::jthread writer([&] { second->AddServer({.name = "b"}); });
  // Whether the writer has come to wait by now or not: both must get through.
  transaction->Commit();
  transaction.reset();
  writer.join();
  EXPECT_EQ(first->ListServers().size(), 2U);
}

TEST_F(SqliteBackendTest, AWriteThatTheSystemRefusesIsPermanentAndLeavesTheRest) {
  Catalogue::OpenOrCreate(path_)->AddServer({.name = "norte"});
  const int exit_code = RunInChild([&] {
    // No file may grow beyond 256 KiB.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{256 * 1024, 256 * 1024};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto catalogue = Catalogue::Open(path_);
    const std::string failure = Failure([&] {
      Transaction transaction(*catalogue);
      for (int i = 0; i < 2000; ++i)
        catalogue->AddServer({.name = "s" + std::to_string(i), .host = std::string(1000, 'h')});
      transaction.Commit();
    });
    if (!failure.starts_with("permanent: the catalogue ")) throw std::runtime_error("unexpected: " + failure);
    if (catalogue->ListServers().size() != 1) throw std::runtime_error("the transaction was stored in part");
  });
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(Catalogue::Open(path_)->ListServers().size(), 1U);
}

TEST_F(SqliteBackendTest, AFullDiskIsPermanentAndLeavesTheRest) {
  const std::string disk = folder_.File("disk");
  std::filesystem::create_directory(disk);
  if (mount("none", disk.c_str(), "tmpfs", 0, "size=512k") != 0)
    GTEST_SKIP() << "a small disk can be mounted by root only";
  std::string failure;
  size_t servers = 0;
  {
    const auto catalogue = Catalogue::OpenOrCreate(disk + "/catalogo.db");
    catalogue->AddServer({.name = "norte"});
    failure = Failure([&] {
      Transaction transaction(*catalogue);
      for (int i = 0; i < 2000; ++i)
        catalogue->AddServer({.name = "s" + std::to_string(i), .host = std::string(1000, 'h')});
      transaction.Commit();
    });
    servers = catalogue->ListServers().size();
  }
  umount(disk.c_str());
  EXPECT_THAT(failure, AllOf(StartsWith("permanent"), HasSubstr("the disk is full")));
  EXPECT_EQ(servers, 1U);
}

TEST_F(SqliteBackendTest, AFileThatMayNotBeWrittenIsPermanent) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everything";
  Catalogue::OpenOrCreate(path_);
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  EXPECT_THAT(Failure([&] { Catalogue::Open(path_); }), StartsWith("permanent"));
}

}  // namespace
}  // namespace cofre::catalogue
