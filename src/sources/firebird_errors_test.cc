#include "sources/firebird_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/utf8.h"

namespace cofre::sources {
namespace {

using testing::HasSubstr;

struct Case {
  const char* name;
  const char* said;  // as gbak says it, without its prefixes
  ErrorKind kind;
  const char* hint;  // a part of it
};

class FirebirdErrorTest : public testing::TestWithParam<Case> {};

TEST_P(FirebirdErrorTest, HasItsKindAndSaysWhatToDo) {
  const Error error = FirebirdError(GetParam().said, "db.example.com/3050:/data/contab.fdb");
  EXPECT_EQ(ErrorKindName(error.kind()), ErrorKindName(GetParam().kind));
  EXPECT_THAT(error.what(), HasSubstr("db.example.com/3050:/data/contab.fdb"));
  EXPECT_THAT(error.hint(), HasSubstr(GetParam().hint));
}

// Word for word what Firebird 2.5 to 5 say, here and on Windows servers in English and Spanish.
INSTANTIATE_TEST_SUITE_P(
    All, FirebirdErrorTest,
    testing::Values(
        Case{"WrongPassword",
             "Your user name and password are not defined. Ask your database administrator to set up a Firebird login.",
             ErrorKind::kAuth, "password file"},
        Case{"WrongPasswordOf4", "Error occurred during login, please check server firebird.log for details",
             ErrorKind::kAuth, "password"},
        Case{"NotOwner", "Unable to perform operation.  You must be either SYSDBA or owner of the database",
             ErrorKind::kAuth, "user"},
        Case{"Missing",
             "I/O error during \"open\" operation for file \"/data/contab.fdb\"; Error while trying to open file; No "
             "such "
             "file or directory",
             ErrorKind::kNotFound, "path or alias"},
        Case{"MissingOnWindows",
             "I/O error during \"CreateFile (open)\" operation for file \"C:\\contab.fdb\"; Error while trying to open "
             "file; The system cannot find the file specified.",
             ErrorKind::kNotFound, "path or alias"},
        Case{"MissingOnSpanishWindows",
             "I/O error during \"CreateFile (open)\" operation for file \"C:\\contab.fdb\"; Error while trying to open "
             "file; El sistema no puede encontrar el archivo especificado.",
             ErrorKind::kNotFound, "path or alias"},
        Case{"NoAccess",
             "I/O error during \"open\" operation for file \"/data/contab.fdb\"; Error while trying to open file; "
             "Permission denied",
             ErrorKind::kPermanent, "access"},
        Case{"NoAccessOnSpanishWindows",
             "I/O error during \"CreateFile (open)\" operation for file \"C:\\contab.fdb\"; Error while trying to open "
             "file; Acceso denegado.",
             ErrorKind::kPermanent, "access"},
        Case{"NoLockFolder", "operating system directive access failed; Permission denied; /tmp/firebird/",
             ErrorKind::kPermanent, "FIREBIRD_LOCK"},
        Case{"InUse",
             "I/O error during \"lock\" operation for file \"/data/contab.fdb\"; Database already opened with engine "
             "instance, incompatible with current",
             ErrorKind::kPermanent, "server"},
        Case{"InUseOnSpanishWindows",
             "I/O error during \"CreateFile (open)\" operation for file \"C:\\contab.fdb\"; Error while trying to open "
             "file; El proceso no tiene acceso al archivo porque est\xe1 siendo utilizado por otro proceso.",
             ErrorKind::kPermanent, "wait"},
        Case{"ShutDown", "database /data/contab.fdb shutdown", ErrorKind::kPermanent, "gfix -online"},
        Case{"Refused",
             "Unable to complete network request to host \"db.example.com\".; Failed to establish a connection.",
             ErrorKind::kTransient, "network"},
        Case{"NoHost",
             "Unable to complete network request to host \"db\".; Failed to locate host machine.; The specified name "
             "was "
             "not found in the hosts file or Domain Name Services.",
             ErrorKind::kTransient, "network"},
        Case{"Lost", "Unable to complete network request to host \"db\".; Error reading data from the connection.",
             ErrorKind::kTransient, "network"},
        Case{"Killed", "connection shutdown; Killed by database administrator.", ErrorKind::kTransient, "server"},
        Case{"Junk", "file /data/contab.fdb is not a valid database", ErrorKind::kCorrupt, "gfix -v -full"},
        Case{"Empty",
             "I/O error during \"read\" operation for file \"/data/contab.fdb\"; File size is less than expected",
             ErrorKind::kCorrupt, "gfix"},
        Case{"WrongPage",
             "database file appears corrupt (/data/contab.fdb); wrong page type; page 500 is of wrong type (expected "
             "data, found unknown (71)); gds_$receive failed",
             ErrorKind::kCorrupt, "gfix"},
        Case{"Bugcheck", "internal Firebird consistency check (decompression overran buffer (179))",
             ErrorKind::kCorrupt, "gfix"},
        Case{"NewerStructure", "unsupported on-disk structure for file /data/contab.fdb; found 13.0, support 12.2",
             ErrorKind::kPermanent, "version"},
        Case{"DiskFull",
             "I/O error during \"write\" operation for file \"/data/contab.fdb\"; Error while trying to write to file; "
             "No space left on device",
             ErrorKind::kPermanent, "space"},
        Case{"Exists", "database /data/contab.fdb already exists.  To replace it, use the -REP switch",
             ErrorKind::kUsage, "does not exist"},
        Case{"HalfDump", "Backup incomplete", ErrorKind::kCorrupt, "backup"},
        Case{"NoDump", "expected backup description record", ErrorKind::kCorrupt, "backup"},
        Case{"BrokenIndex", "Database is not online due to failure to activate one or more indices.",
             ErrorKind::kCorrupt, "index"},
        Case{"Unknown", "something nobody has ever seen", ErrorKind::kPermanent, ""}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(FirebirdErrorsTest, AFileNameIsNotTakenForAnError) {
  const Error error = FirebirdError(
      "I/O error during \"open\" operation for file \"/srv/timeout/already opened.fdb\"; Error while trying to open "
      "file; "
      "No such file or directory",
      "alias");
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(FirebirdError("file /srv/deadlock/x.fdb is strange", "h/1:/srv/deadlock/x.fdb").kind(),
            ErrorKind::kPermanent);
}

TEST(FirebirdErrorsTest, MessagesAreValidTextOfBoundedLength) {
  const Error error = FirebirdError(std::string(100'000, '\xe1'), "db");
  EXPECT_TRUE(IsValidUtf8(error.what()));
  EXPECT_LT(std::string(error.what()).size(), 1000U);
}

TEST(FirebirdErrorsTest, GbakErrorsAreItsErrorLinesOnly) {
  EXPECT_EQ(GbakErrors("gbak:readied database ERROR: for backup\n"
                       "gbak: ERROR:I/O error during \"open\"\ngbak: ERROR:    No such file\r\n"
                       "gbak: WARNING:odd\ngbak:Exiting before completion due to errors\n"),
            "I/O error during \"open\"; No such file");
  EXPECT_EQ(GbakErrors("gbak:writing data\n\n"), "");
}

TEST(FirebirdErrorsTest, TheRestsQuestionForAFileIsAnError) {
  EXPECT_EQ(
      GbakErrors("Done with volume #1, \"stdin\"\n\tPress return to reopen that file\n\nERROR: Backup incomplete"),
      "Backup incomplete");
}

TEST(FirebirdErrorsTest, ToolErrorsLeaveOutWhatSaysNothing) {
  EXPECT_EQ(ToolErrors("Statement failed, SQLSTATE = 08001\nI/O error\n-Error while trying to open file\n"
                       "Use CONNECT or CREATE DATABASE to specify a database\n"),
            "I/O error; Error while trying to open file");
}

}  // namespace
}  // namespace cofre::sources
