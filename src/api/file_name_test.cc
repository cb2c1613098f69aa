#include "api/file_name.h"

#include <gtest/gtest.h>

#include <string>

namespace cofre::api {
namespace {

std::string Named(const std::string& company) { return SafeFileName(company, "900869750", "2025 2026-11-24.fbk"); }

TEST(FileNameTest, ItSaysCompanyYearAndDay) {
  EXPECT_EQ(Named("Ferretería Ñandú S.A.S"), "Ferretería Ñandú S.A.S 2025 2026-11-24.fbk");
}

TEST(FileNameTest, NothingInItLeadsElsewhere) {
  EXPECT_EQ(Named("../../etc/passwd"), "etc passwd 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("C:\\Windows\\x"), "C Windows x 2025 2026-11-24.fbk");
  EXPECT_EQ(Named(".bashrc"), "bashrc 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("-rf $(x) `y`; z|w"), "rf (x) y z w 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("a\r\nSet-Cookie: b=c\x01\x7f"), "a Set-Cookie b=c 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("\"quoted\" <script>"), "quoted script 2025 2026-11-24.fbk");
}

TEST(FileNameTest, WhatIsNotSeenOrTurnsTheDirectionIsLeftOut) {
  EXPECT_EQ(Named("con\xE2\x80\xAEtab\xE2\x80\x8B.\xEF\xBB\xBF"), "con tab 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("a\xC2\x85"
                  "b"),
            "a b 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("a\xFF"
                  "b"),
            "a b 2025 2026-11-24.fbk");
}

TEST(FileNameTest, AnEmptyNameIsTheTaxNumber) {
  EXPECT_EQ(Named(""), "900869750 2025 2026-11-24.fbk");
  EXPECT_EQ(Named("../.."), "900869750 2025 2026-11-24.fbk");
}

TEST(FileNameTest, ALongNameIsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "ñ";
  EXPECT_EQ(Named(name).size(), 150 + std::string(" 2025 2026-11-24.fbk").size());
}

TEST(FileNameTest, TheHeaderHasBothForms) {
  EXPECT_EQ(AttachmentNamed("Ñandú & Co 2025.fbk"),
            "attachment; filename=\"_and_ _ Co 2025.fbk\"; filename*=UTF-8''%C3%91and%C3%BA%20%26%20Co%202025.fbk");
}

}  // namespace
}  // namespace cofre::api
