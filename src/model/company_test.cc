#include "model/company.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"

namespace cofre {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The message and hint of the usage error that `act` throws; "" where it throws none.
std::string Refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

TEST(CompanyIdTest, DotsBlanksAndTheCheckDigitGo) {
  EXPECT_EQ(ParseCompanyId("900.869.750-0"), "900869750");
  EXPECT_EQ(ParseCompanyId(" 900 869 750 - 0 "), "900869750");
  EXPECT_EQ(ParseCompanyId("900869750"), "900869750");
  EXPECT_EQ(ParseCompanyId("00012"), "00012");
}

TEST(CompanyIdTest, RefusesLettersAndSaysWhatIsAccepted) {
  EXPECT_THAT(Refusal([] { ParseCompanyId("90086975O"); }),
              AllOf(HasSubstr("'90086975O'"), HasSubstr("digits"), HasSubstr("900.869.750-0")));
  EXPECT_NE(Refusal([] { ParseCompanyId("../900869750"); }), "");
  EXPECT_NE(Refusal([] { ParseCompanyId("٩٠٠٨٦٩"); }), "");
}

TEST(CompanyIdTest, RefusesTooFewAndTooManyDigits) {
  EXPECT_THAT(Refusal([] { ParseCompanyId("1234"); }), HasSubstr("has 4 digits, 5 to 15"));
  EXPECT_NE(Refusal([] { ParseCompanyId("1234567890123456"); }), "");
  EXPECT_NE(Refusal([] { ParseCompanyId(""); }), "");
  EXPECT_EQ(Refusal([] { ParseCompanyId("12345"); }), "");
  EXPECT_EQ(Refusal([] { ParseCompanyId("123456789012345"); }), "");
}

TEST(CompanyIdTest, RefusesACheckDigitThatIsNone) {
  EXPECT_NE(Refusal([] { ParseCompanyId("900869750-"); }), "");
  EXPECT_NE(Refusal([] { ParseCompanyId("900869750-12"); }), "");
  EXPECT_NE(Refusal([] { ParseCompanyId("900869750-K"); }), "");
  EXPECT_NE(Refusal([] { ParseCompanyId("900-869-750"); }), "");
}

TEST(FiscalYearTest, AcceptsFourDigitsInRange) {
  EXPECT_EQ(ParseFiscalYear("2025"), 2025);
  EXPECT_EQ(ParseFiscalYear(" 1900 "), 1900);
  EXPECT_EQ(ParseFiscalYear("2199"), 2199);
}

TEST(FiscalYearTest, RefusesEverythingElse) {
  EXPECT_THAT(Refusal([] { ParseFiscalYear("20255"); }),
              AllOf(HasSubstr("'20255'"), HasSubstr("1900 to 2199"), HasSubstr("2025")));
  for (const char* year :
       {"", "25", "1899", "2200", "-2025", "+202", "2O25", "02025", "20.5", "99999999999999999999"}) {
    EXPECT_NE(Refusal([&] { ParseFiscalYear(year); }), "") << year;
  }
}

TEST(BackupTimeTest, ReadsHoursAndMinutes) {
  EXPECT_EQ(ParseBackupTime("01:00"), std::chrono::minutes(60));
  EXPECT_EQ(ParseBackupTime("23:59"), std::chrono::minutes(23 * 60 + 59));
  EXPECT_EQ(ParseBackupTime("0:00"), std::chrono::minutes(0));
  EXPECT_EQ(FormatBackupTime(std::chrono::minutes(65)), "01:05");
}

TEST(BackupTimeTest, RefusesWhatIsNoTimeOfDay) {
  EXPECT_THAT(Refusal([] { ParseBackupTime("25:00"); }),
              AllOf(HasSubstr("'25:00'"), HasSubstr("00:00 to 23:59"), HasSubstr("01:00")));
  for (const char* time :
       {"", "24:00", "12:60", "1", "0100", ":00", "12:", "12:5", "012:00", "-1:00", "01:00:00", "1 :00"}) {
    EXPECT_NE(Refusal([&] { ParseBackupTime(time); }), "") << time;
  }
}

TEST(SpaceLimitTest, ReadsGigabytesWithPointOrComma) {
  EXPECT_EQ(ParseSpaceLimit("1"), uint64_t{1} << 30);
  EXPECT_EQ(ParseSpaceLimit("0.5"), uint64_t{1} << 29);
  EXPECT_EQ(ParseSpaceLimit("0,5"), uint64_t{1} << 29);
  EXPECT_EQ(ParseSpaceLimit("0.125"), uint64_t{1} << 27);
  EXPECT_EQ(ParseSpaceLimit("1048576"), uint64_t{1} << 50);
}

TEST(SpaceLimitTest, RefusesZeroNegativeAndNonsense) {
  EXPECT_THAT(Refusal([] { ParseSpaceLimit("0"); }), AllOf(HasSubstr("'0'"), HasSubstr("above 0"), HasSubstr("0.5")));
  EXPECT_THAT(Refusal([] { ParseSpaceLimit("-1"); }), AllOf(HasSubstr("'-1'"), HasSubstr("above 0")));
  for (const char* limit :
       {"", "0.0", "0.0000000001", "1GB", "1.", ".5", "1.2.3", "nan", "inf", "1e3", "1048577", "99999999999"}) {
    EXPECT_NE(Refusal([&] { ParseSpaceLimit(limit); }), "") << limit;
  }
}

TEST(SpaceLimitTest, RefusesAThousandThatMayBeAOne) {
  EXPECT_THAT(Refusal([] { ParseSpaceLimit("1.000"); }), HasSubstr("write 1 or 1000"));
  EXPECT_THAT(Refusal([] { ParseSpaceLimit("2,500"); }), HasSubstr("write 2 or 2500"));
}

TEST(SpaceLimitTest, WhatIsWrittenIsReadBack) {
  for (const char* limit : {"1", "0.5", "0.1", "0.125", "1.1250", "2.75", "1048576", "0.000000001"}) {
    EXPECT_EQ(FormatSpaceLimit(ParseSpaceLimit(limit)), limit);
  }
}

TEST(YesNoTest, ReadsTheWordsOfBothLanguages) {
  for (const char* yes : {"si", "Sí", "SÍ", "S", "yes", "TRUE", "Verdadero", " 1 "})
    EXPECT_TRUE(ParseYesNo(yes)) << yes;
  for (const char* no : {"no", "NO", "n", "false", "Falso", "0"}) EXPECT_FALSE(ParseYesNo(no)) << no;
  EXPECT_THAT(Refusal([] { ParseYesNo("quizas"); }), HasSubstr("'quizas'"));
  EXPECT_NE(Refusal([] { ParseYesNo(""); }), "");
}

TEST(ServerNameTest, AcceptsWhatCanStandInAPath) {
  EXPECT_EQ(ParseServerName("servidor-1"), "servidor-1");
  EXPECT_EQ(ParseServerName(" 1a "), "1a");
  EXPECT_EQ(ParseServerName(std::string(63, 'a')), std::string(63, 'a'));
}

TEST(ServerNameTest, RefusesWhatCannot) {
  for (const std::string name : {"", "-a", "Servidor", "a_b", "a.b", "a/b", "..", "ñandu", "a b"}) {
    EXPECT_NE(Refusal([&] { ParseServerName(name); }), "") << name;
  }
  EXPECT_NE(Refusal([] { ParseServerName(std::string(64, 'a')); }), "");
}

TEST(EngineTest, NamesAndParsesEachEngine) {
  for (const Engine engine :
       {Engine::kFirebird, Engine::kSqlite, Engine::kCommand, Engine::kPostgresql, Engine::kFolder, Engine::kMariadb}) {
    EXPECT_EQ(ParseEngine(EngineName(engine)), engine);
  }
  EXPECT_THAT(Refusal([] { ParseEngine("firebrid"); }), HasSubstr("did you mean 'firebird'?"));
}

TEST(DumpMethodTest, NamesAndParsesBoth) {
  for (const DumpMethod method : {DumpMethod::kLogical, DumpMethod::kPhysical}) {
    EXPECT_EQ(ParseDumpMethod(DumpMethodName(method)), method);
  }
  EXPECT_THROW(ParseDumpMethod("nbackup"), Error);
}

TEST(DumpMethodTest, ABackupsNameTellsIt) {
  EXPECT_EQ(MethodOfDump("/900869750/2025/CONTAB.nbk"), DumpMethod::kPhysical);
  EXPECT_EQ(MethodOfDump("/900869750/2025/CONTAB.fbk"), DumpMethod::kLogical);
  EXPECT_EQ(MethodOfDump(""), DumpMethod::kLogical);
}

}  // namespace
}  // namespace cofre
