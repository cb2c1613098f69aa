#include "catalogue/company_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalogue/catalogue_test_suite.h"

namespace cofre::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

class CompanyImportTest : public CatalogueSuite {
 protected:
  CompanyImportTest() { catalogue_->AddServer({.name = "norte"}); }

  ImportResult Import(const std::string& rows) {
    const std::string header = "empresa,nombre,servidor,anio_fiscal,base,hora_backup\n";
    Company defaults{.backup_time = 90min, .space_limit_bytes = 12345, .time_zone = "America/Lima"};
    return ImportCompanies(*catalogue_, ParseCompanyCsv(header + rows, [](std::string_view) { return true; }), defaults,
                           kNow);
  }
  std::string Refusal(const std::string& rows) {
    try {
      Import(rows);
    } catch (const Error& error) {
      return std::string(ErrorKindName(error.kind())) + ": " + error.what() + " | " + error.hint();
    }
    return "";
  }
};

TEST_P(CompanyImportTest, NewCompaniesGetWhatTheFileSaysAndElseTheDefaults) {
  const ImportResult result =
      Import("11111,A,norte,2025,a25,\n11111,A,norte,2024,a24,\n22222,B,norte,2025,b25,23:00\n");
  EXPECT_EQ(result.companies, (ImportCounts{.added = 2}));
  EXPECT_EQ(result.databases, (ImportCounts{.added = 3}));
  const Company expected{.id = "11111",
                         .name = "A",
                         .server = "norte",
                         .backup_time = 90min,
                         .space_limit_bytes = 12345,
                         .time_zone = "America/Lima",
                         .repository = "norte/11111"};
  EXPECT_EQ(catalogue_->GetCompany("11111"), expected);
  EXPECT_EQ(catalogue_->GetCompany("22222").backup_time, 23h);
  EXPECT_EQ(catalogue_->GetDatabase("11111", 2024).path, "a24");
}

TEST_P(CompanyImportTest, ARepeatChangesNothing) {
  const std::string rows = "11111,A,norte,2025,a25,\n22222,B,norte,2025,b25,23:00\n";
  Import(rows);
  catalogue_->SetAverageBlobBytes("11111", 2025, 65536);
  const ImportResult result = Import(rows);
  EXPECT_EQ(result.companies, (ImportCounts{.unchanged = 2}));
  EXPECT_EQ(result.databases, (ImportCounts{.unchanged = 2}));
}

TEST_P(CompanyImportTest, WhatDiffersIsChangedAndWhatIsNotSaidIsKept) {
  Import("11111,A,norte,2025,a25,22:00\n22222,B,norte,2025,b25,\n");
  catalogue_->SetAverageBlobBytes("11111", 2025, 65536);
  catalogue_->UpdateDatabase({.company = "11111", .fiscal_year = 2025, .path = "a25", .method = DumpMethod::kPhysical});
  const ImportResult result =
      Import("11111,A y Cía.,norte,2025,moved,\n22222,B,norte,2025,b25,\n22222,B,norte,2026,b26,\n");
  EXPECT_EQ(result.companies, (ImportCounts{.changed = 1, .unchanged = 1}));
  EXPECT_EQ(result.databases, (ImportCounts{.added = 1, .changed = 1, .unchanged = 1}));
  EXPECT_EQ(catalogue_->GetCompany("11111").name, "A y Cía.");
  EXPECT_EQ(catalogue_->GetCompany("11111").backup_time, 22h);
  EXPECT_EQ(catalogue_->GetDatabase("11111", 2025).path, "moved");
  EXPECT_EQ(catalogue_->GetDatabase("11111", 2025).average_blob_bytes, 65536U);
  EXPECT_EQ(catalogue_->GetDatabase("11111", 2025).method, DumpMethod::kPhysical);
}

TEST_P(CompanyImportTest, AMissingServerIsNamedAndNothingIsImported) {
  EXPECT_THAT(Refusal("11111,A,norte,2025,a25,\n22222,B,sur,2025,b25,\n"),
              AllOf(HasSubstr("not_found: row 3, column servidor: there is no server 'sur'"),
                    HasSubstr("cofre server add sur")));
  EXPECT_THAT(catalogue_->ListCompanies(), IsEmpty());
  EXPECT_THAT(catalogue_->ListDatabases(), IsEmpty());
}

TEST_P(CompanyImportTest, ARepositoryThatIsTakenIsNamedWithItsRowAndNothingIsImported) {
  catalogue_->AddCompany({.id = "33333", .name = "C", .server = "norte", .repository = "norte/22222"});
  EXPECT_THAT(Refusal("11111,A,norte,2025,a25,\n22222,B,norte,2025,b25,\n"),
              HasSubstr("usage: row 3: the repository 'norte/22222' belongs to another company"));
  EXPECT_EQ(catalogue_->ListCompanies().size(), 1U);
}

TEST_P(CompanyImportTest, DatabasesThatAreDumpedByCommandsAreNotImported) {
  catalogue_->AddServer({.name = "ordenes", .engine = Engine::kCommand});
  EXPECT_THAT(Refusal("11111,A,ordenes,2025,a25,\n"),
              HasSubstr("usage: row 2, column servidor: the databases of 'ordenes'"));
}

COFRE_ON_EVERY_ENGINE(CompanyImportTest);

}  // namespace
}  // namespace cofre::catalogue
