#include "engine/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Manifest SomeManifest() {
  return {
      .company = {.id = "900869750",
                  .name = "Ferretería «Peña»",
                  .server = "srv1",
                  .enabled = false,
                  .backup_time = std::chrono::minutes(23 * 60 + 30),
                  .space_limit_bytes = 12345,
                  .time_zone = "America/Lima",
                  .repository = "srv0/900869750"},
      .server = {.name = "srv1",
                 .engine = Engine::kFirebird,
                 .host = "10.0.0.5",
                 .port = 3051,
                 .user = "SYSDBA",
                 .password_file = "/etc/cofre/srv1.password",
                 .max_concurrent = 2},
      .databases =
          {{.company = "900869750", .fiscal_year = 2024, .path = "/data/x.fdb", .method = DumpMethod::kPhysical},
           {.company = "900869750", .fiscal_year = 2025, .path = "C:\\Año\\CONTAB.FDB"},
           {.company = "900869750",
            .fiscal_year = 2026,
            .command = {"pg_dump", "-Fc", "x y"},
            .average_blob_bytes = 65536}},
      .notes = {{.snapshot_id = "ab", .pinned_until = ParseTime("2026-12-31T05:00:00Z")},
                {.snapshot_id = "cd",
                 .complete_at = ParseTime("2026-11-25T05:00:00Z"),
                 .verified_at = ParseTime("2026-11-24T05:00:00.5Z")},
                {.snapshot_id = "ef", .drilled_at = ParseTime("2026-11-26T05:00:00Z"), .drill_problem = "«no»"}},
  };
}

TEST(ManifestTest, ReadsBackWhatItWrote) {
  EXPECT_EQ(ManifestFromJson(ManifestToJson(SomeManifest())), SomeManifest());
}

TEST(ManifestTest, TheSameGivesTheSameText) {
  EXPECT_EQ(ManifestToJson(SomeManifest()), ManifestToJson(SomeManifest()));
}

TEST(ManifestTest, OneWithoutAMethodIsOfTheTimeWhenThereWasOne) {
  Manifest manifest = SomeManifest();
  manifest.databases.erase(manifest.databases.begin());
  EXPECT_THAT(ManifestToJson(manifest), Not(HasSubstr("metodo")));
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest)), manifest);
}

TEST(ManifestTest, UnknownKeysAreIgnored) {
  std::string text = ManifestToJson(SomeManifest());
  text.insert(1, "\"futuro\":{\"a\":[1]},");
  EXPECT_EQ(ManifestFromJson(text), SomeManifest());
}

TEST(ManifestTest, WhatIsNoManifestIsCorrupt) {
  for (const char* text : {"", "{}", "[]", "null", "{\"version\":1}", "\xff\xfe", "{\"version\":\"1\"}"}) {
    EXPECT_ERROR(ManifestFromJson(text), ErrorKind::kCorrupt, HasSubstr("manifest"));
  }
}

TEST(ManifestTest, ANewerVersionSaysWhatToDo) {
  std::string text = ManifestToJson(SomeManifest());
  text.replace(text.find("\"version\":1"), 11, "\"version\":9");
  EXPECT_ERROR(ManifestFromJson(text), ErrorKind::kCorrupt, HasSubstr("version"));
}

TEST(ManifestTest, ValuesThatTheCatalogueWouldRefuseAreRefused) {
  const auto refused = [](const std::function<void(Manifest&)>& spoil) {
    Manifest manifest = SomeManifest();
    spoil(manifest);
    EXPECT_ERROR(ManifestFromJson(ManifestToJson(manifest)), ErrorKind::kCorrupt, HasSubstr("manifest"));
  };
  refused([](Manifest& manifest) { manifest.company.id = "../etc"; });
  refused([](Manifest& manifest) { manifest.company.repository = "srv1/../../x"; });
  refused([](Manifest& manifest) { manifest.server.name = "a/b"; });
  refused([](Manifest& manifest) { manifest.databases[0].fiscal_year = 20255; });
}

}  // namespace
}  // namespace cofre::engine
