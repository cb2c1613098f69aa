#include "catalogue/company_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

bool IsKnownZone(std::string_view name) { return name == "America/Bogota"; }

std::vector<ImportedCompany> Parse(const std::string& text) { return ParseCompanyCsv(text, IsKnownZone); }

std::string Refusal(const std::string& text) {
  try {
    Parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

const std::string kHeader = "empresa,nombre,servidor,anio_fiscal,base\n";
const std::string kFullHeader =
    "empresa;nombre;servidor;anio_fiscal;base;hora_backup;backups_habilitados;limite_espacio_gb;zona_horaria\n";

TEST(CompanyCsvTest, ReadsARowWithEveryColumn) {
  const ImportedCompany expected{.row = 2,
                                 .id = "900869750",
                                 .name = "Ñandú; \"El\" S.A.S.",
                                 .server = "norte",
                                 .backup_time = 150min,
                                 .enabled = false,
                                 .space_limit_bytes = uint64_t{1} << 29,
                                 .time_zone = "America/Bogota",
                                 .databases = {{2, 2025, "C:\\Datos\\Año 2025\\C.FDB"}}};
  EXPECT_THAT(Parse(kFullHeader + "900.869.750-0;\"Ñandú; \"\"El\"\" S.A.S.\";norte;2025;C:\\Datos\\Año 2025\\C.FDB;"
                                  "02:30;no;0,5;America/Bogota\r\n"),
              ElementsAre(expected));
}

TEST(CompanyCsvTest, WhatIsNotSaidIsAbsent) {
  const auto companies = Parse(kFullHeader + "900869750;N;norte;2025;x;;;;\n");
  ASSERT_EQ(companies.size(), 1U);
  EXPECT_EQ(companies[0].backup_time, std::nullopt);
  EXPECT_EQ(companies[0].enabled, std::nullopt);
  EXPECT_EQ(companies[0].space_limit_bytes, std::nullopt);
  EXPECT_EQ(companies[0].time_zone, std::nullopt);
}

TEST(CompanyCsvTest, ColumnsMayComeInAnyOrderAndCase) {
  const auto companies = Parse("Base,ANIO_FISCAL, servidor ,nombre,empresa\nx,2025,norte,N,900869750\n");
  ASSERT_EQ(companies.size(), 1U);
  EXPECT_EQ(companies[0].databases, (std::vector<ImportedDatabase>{{2, 2025, "x"}}));
}

TEST(CompanyCsvTest, RowsOfACompanyBecomeOneWithSeveralYears) {
  const auto companies = Parse(
      "empresa,nombre,servidor,anio_fiscal,base,hora_backup\n11111,A,norte,2025,a25,\n22222,B,norte,2025,b25,\n"
      "11111,A,norte,2024,a24,02:00\n1.1111-3,A,norte,2023,a23,\n");
  ASSERT_EQ(companies.size(), 2U);
  EXPECT_EQ(companies[0].id, "11111");
  EXPECT_EQ(companies[0].backup_time, 120min);
  EXPECT_EQ(companies[0].databases,
            (std::vector<ImportedDatabase>{{2, 2025, "a25"}, {4, 2024, "a24"}, {5, 2023, "a23"}}));
}

TEST(CompanyCsvTest, ABadValueIsNamedWithRowAndColumn) {
  const auto with = [](const std::string& row) {
    return Refusal(kFullHeader + "11111;A;norte;2025;a;;;;\n" + row + "\n");
  };
  EXPECT_THAT(with("9008X;B;norte;2025;b;;;;"), StartsWith("row 3, column empresa: the tax number '9008X'"));
  EXPECT_THAT(with("22222;B;Norte 1;2025;b;;;;"), StartsWith("row 3, column servidor: the server name 'Norte 1'"));
  EXPECT_THAT(with("22222;B;norte;20255;b;;;;"), StartsWith("row 3, column anio_fiscal: the fiscal year '20255'"));
  EXPECT_THAT(with("22222;B;norte;2025;b;25:00;;;"),
              AllOf(StartsWith("row 3, column hora_backup: the backup time '25:00'"), HasSubstr("01:00")));
  EXPECT_THAT(with("22222;B;norte;2025;b;;tal vez;;"), StartsWith("row 3, column backups_habilitados: "));
  EXPECT_THAT(with("22222;B;norte;2025;b;;;0;"), StartsWith("row 3, column limite_espacio_gb: "));
  EXPECT_THAT(with("22222;B;norte;2025;b;;;-1;"), StartsWith("row 3, column limite_espacio_gb: "));
  EXPECT_THAT(with("22222;B;norte;2025;b;;;;Bogota"), StartsWith("row 3, column zona_horaria: the time zone 'Bogota'"));
  EXPECT_THAT(with("22222;\"B\nC\";norte;2025;b;;;;"), StartsWith("row 3, column nombre: "));
}

TEST(CompanyCsvTest, AnEmptyRequiredCellIsNamed) {
  EXPECT_THAT(Refusal(kHeader + ",A,norte,2025,a\n"), StartsWith("row 2, column empresa: is empty"));
  EXPECT_THAT(Refusal(kHeader + "11111, ,norte,2025,a\n"), StartsWith("row 2, column nombre: is empty"));
  EXPECT_THAT(Refusal(kHeader + "11111,A,norte\n"), StartsWith("row 2, column anio_fiscal: is empty"));
  EXPECT_THAT(Refusal(kHeader + "11111,A,norte,2025,\n"), StartsWith("row 2, column base: is empty"));
}

TEST(CompanyCsvTest, ADatabaseThatIsThereTwiceIsNamedWithBothRows) {
  EXPECT_THAT(Refusal(kHeader + "11111,A,norte,2025,a\n22222,B,norte,2025,b\n1.1111,A,norte,2025,c\n"),
              StartsWith("row 4, column anio_fiscal: company 11111 has 2025 in row 2 already"));
}

TEST(CompanyCsvTest, RowsOfACompanyMayNotContradict) {
  EXPECT_THAT(Refusal(kHeader + "11111,A,norte,2025,a\n11111,B,norte,2024,b\n"),
              StartsWith("row 3, column nombre: company 11111 has another value in a row above (its first is 2)"));
  EXPECT_THAT(Refusal(kHeader + "11111,A,norte,2025,a\n11111,A,sur,2024,b\n"), StartsWith("row 3, column servidor"));
  EXPECT_THAT(Refusal(kFullHeader + "11111;A;norte;2025;a;01:00;;;\n11111;A;norte;2024;b;02:00;;;\n"),
              StartsWith("row 3, column hora_backup"));
  EXPECT_THAT(Refusal(kFullHeader + "11111;A;norte;2025;a;;si;;\n11111;A;norte;2024;b;;no;;\n"),
              StartsWith("row 3, column backups_habilitados"));
}

TEST(CompanyCsvTest, TheFirstRowNamesTheColumns) {
  EXPECT_THAT(Refusal("empresa,nombre,servidor,anio_fiscal\n1,2,3,4\n"),
              StartsWith("row 1: the column base is missing"));
  EXPECT_THAT(Refusal("empresa,nombre,servidor,anio_fiscal,base,hora_bakup\n1,2,3,4,5,6\n"),
              AllOf(StartsWith("row 1: the column 'hora_bakup' is unknown"), HasSubstr("did you mean 'hora_backup'?")));
  EXPECT_THAT(Refusal("empresa,nombre,servidor,anio_fiscal,base,Base\n1,2,3,4,5,6\n"),
              StartsWith("row 1: the column base is there twice"));
  EXPECT_THAT(Refusal("900869750,Panadería,norte,2025,c.fdb\n22222,B,norte,2025,b\n"),
              StartsWith("row 1: the column '900869750' is unknown"));
}

TEST(CompanyCsvTest, CellsBeyondTheColumnsAreRefusedUnlessEmpty) {
  EXPECT_EQ(Refusal(kHeader + "11111,A,norte,2025,a,,\n"), "");
  EXPECT_THAT(Refusal(kHeader + "11111,A, S.A.,norte,2025,a\n"),
              StartsWith("row 2 has 6 cells, the first row names 5"));
}

TEST(CompanyCsvTest, AFileWithoutRowsIsRefused) {
  EXPECT_THAT(Refusal(""), StartsWith("the file has no rows"));
  EXPECT_THAT(Refusal(kHeader), StartsWith("the file has no rows"));
}

}  // namespace
}  // namespace cofre::catalogue
