#include "service/notify/told.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/utf8.h"
#include "service/notify/notice_json.h"
#include "tests/support/expect_error.h"

namespace cofre::service {
namespace {

using testing::HasSubstr;

Told Failure() {
  return {.time = ParseTime("2026-11-24T06:05:00Z").value(),
          .event = BackupFailed("900869750", "Ferretería Peña", 2026, "srv1", "no room\n(make some)")};
}

TEST(ToldTest, OneMessageIsItsOwnSubject) {
  const Told told = Failure();
  EXPECT_EQ(SubjectLine(std::span(&told, 1)), "[Cofre] Backup failed: Ferretería Peña (900869750) 2026");
}

TEST(ToldTest, SeveralAreCounted) {
  std::vector<Told> told(3, Failure());
  EXPECT_EQ(SubjectLine(told), "[Cofre] 3 alerts");
  told[0].ended = true;
  EXPECT_EQ(SubjectLine(told), "[Cofre] 2 alerts, 1 over");
  told[1].ended = told[2].ended = true;
  EXPECT_EQ(SubjectLine(told), "[Cofre] 3 over");
}

TEST(ToldTest, TheTextHasLocalTimesAndIsBounded) {
  const std::vector<Told> told(5, Failure());
  EXPECT_EQ(PlainText(told, planner::TimeZone::Find("America/Bogota"), 2),
            "2026-11-24 01:05  Backup failed: Ferretería Peña (900869750) 2026\nno room\n(make some)\n\n"
            "2026-11-24 01:05  Backup failed: Ferretería Peña (900869750) 2026\nno room\n(make some)\n\n"
            "... and 3 more: cofre alerts list\n");
}

TEST(NoticeJsonTest, WhatWaitsComesBackAsItWas) {
  Told told = Failure();
  told.ended = true;
  const Told back = FromNoticeJson(ToNoticeJson(told));
  EXPECT_EQ(back.time, told.time);
  EXPECT_TRUE(back.ended);
  EXPECT_EQ(back.event.topic, Topic::kBackup);
  EXPECT_EQ(back.event.subject, "900869750/2026");
  EXPECT_EQ(back.event.level, 1);
  EXPECT_EQ(back.event.company, "900869750");
  EXPECT_EQ(back.event.fiscal_year, 2026);
  EXPECT_EQ(back.event.server, "srv1");
  EXPECT_EQ(back.event.title, told.event.title);
  EXPECT_EQ(back.event.detail, told.event.detail);
}

TEST(NoticeJsonTest, TextsOfOthersAreTamedAndFitTheCatalogue) {
  Told told = Failure();
  told.event.title = "a\nb\xff";
  told.event.detail = std::string(1'000'000, '"') + "\x1b[2J";
  const std::string json = ToNoticeJson(told);
  EXPECT_LT(json.size(), 16U * 1024);
  EXPECT_TRUE(IsValidUtf8(json));
  EXPECT_EQ(FromNoticeJson(json).event.title, "a b\xEF\xBF\xBD");
  told.event.detail = "x\x1b[2Jy\n";
  EXPECT_EQ(FromNoticeJson(ToNoticeJson(told)).event.detail, "x [2Jy\n");
}

TEST(NoticeJsonTest, WhatIsNoNoticeIsCorrupt) {
  for (const char* bad : {"", "[]", "{}", "{\"aviso\":\"x\"}", "{\"fecha\":\"yesterday\",\"estado\":\"activo\"}"}) {
    EXPECT_ERROR(FromNoticeJson(bad), ErrorKind::kCorrupt, HasSubstr("can't be read"));
  }
}

TEST(NoticeJsonTest, WebhooksGetTextAndValues) {
  const Told told = Failure();
  const auto body = nlohmann::json::parse(WebhookBody(std::span(&told, 1), "hello"));
  EXPECT_EQ(body["texto"], "hello");
  ASSERT_EQ(body["avisos"].size(), 1U);
  EXPECT_EQ(body["avisos"][0]["aviso"], "fallo");
  EXPECT_EQ(body["avisos"][0]["estado"], "activo");
  EXPECT_EQ(body["avisos"][0]["empresa"], "900869750");
  EXPECT_EQ(body["avisos"][0]["anio_fiscal"], 2026);
  EXPECT_EQ(body["avisos"][0]["fecha"], "2026-11-24T06:05:00Z");
  EXPECT_EQ(nlohmann::json::parse(ChatBody("a \"b\"")), (nlohmann::json{{"text", "a \"b\""}}));
}

}  // namespace
}  // namespace cofre::service
