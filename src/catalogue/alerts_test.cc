#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/catalogue.h"
#include "catalogue/catalogue_test_suite.h"

namespace cofre::catalogue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();

class AlertsTest : public CatalogueSuite {
 protected:
  static Alert MakeAlert(const std::string& topic, const std::string& subject) {
    return {.topic = topic, .subject = subject, .level = 1, .since = kNow, .title = "Ferretería Peña"};
  }
};

TEST_P(AlertsTest, WhatWasToldIsKeptByTopicAndSubject) {
  const Alert fault = MakeAlert("fallo", "900869750/2026");
  const Alert space = MakeAlert("espacio", "900869750");
  catalogue_->PutAlert(fault);
  catalogue_->PutAlert(space);
  EXPECT_THAT(catalogue_->ListAlerts(), ElementsAre(space, fault));
  EXPECT_THAT(catalogue_->ListAlerts("fallo"), ElementsAre(fault));
  EXPECT_THAT(catalogue_->ListAlerts("fallo", "900869750/2025"), IsEmpty());
}

TEST_P(AlertsTest, ANewLevelTakesThePlaceOfTheOld) {
  Alert alert = MakeAlert("espacio", "900869750");
  catalogue_->PutAlert(alert);
  alert.level = 2;
  alert.said = false;
  catalogue_->PutAlert(alert);
  EXPECT_THAT(catalogue_->ListAlerts(), ElementsAre(alert));
  catalogue_->RemoveAlert("espacio", "900869750");
  catalogue_->RemoveAlert("espacio", "900869750");
  EXPECT_THAT(catalogue_->ListAlerts(), IsEmpty());
}

TEST_P(AlertsTest, OnlyWhatDoesNotLastIsForgottenWithTime) {
  Alert summary = MakeAlert("resumen", "2026-11-24");
  summary.lasting = false;
  Alert newer = summary;
  newer.subject = "2026-11-25";
  newer.since = kNow + std::chrono::hours(24);
  const Alert fault = MakeAlert("fallo", "900869750/2026");
  for (const Alert& alert : {summary, newer, fault}) catalogue_->PutAlert(alert);
  catalogue_->RemovePassingAlerts(kNow + std::chrono::hours(1));
  EXPECT_THAT(catalogue_->ListAlerts(), ElementsAre(fault, newer));
}

TEST_P(AlertsTest, NoticesWaitInTheirOrderEachForItsReceiver) {
  Notice notice{.receiver = "correo", .time = kNow, .content = "{\"a\":\"ñ\"}"};
  notice.id = catalogue_->AddNotice(notice);
  Notice second = notice;
  second.id = catalogue_->AddNotice(second);
  Notice other{.receiver = "webhook 1", .time = kNow, .content = "{}"};
  other.id = catalogue_->AddNotice(other);
  EXPECT_THAT(catalogue_->ListNotices("correo", 10), ElementsAre(notice, second));
  EXPECT_THAT(catalogue_->ListNotices("correo", 1), ElementsAre(notice));
  EXPECT_EQ(catalogue_->CountNotices("correo"), 2U);
  EXPECT_EQ(catalogue_->RemoveNotices("correo", notice.id), 1);
  EXPECT_THAT(catalogue_->ListNotices("correo", 10), ElementsAre(second));
  EXPECT_THAT(catalogue_->ListNotices("webhook 1", 10), ElementsAre(other));
}

TEST_P(AlertsTest, OldNoticesGoWhoeverTheyAreFor) {
  catalogue_->AddNotice({.receiver = "correo", .time = kNow});
  catalogue_->AddNotice({.receiver = "webhook 1", .time = kNow});
  catalogue_->AddNotice({.receiver = "correo", .time = kNow + std::chrono::hours(1)});
  EXPECT_EQ(catalogue_->RemoveNoticesBefore(kNow + std::chrono::hours(1)), 2);
  EXPECT_EQ(catalogue_->CountNotices("correo"), 1U);
}

TEST_P(AlertsTest, ANumberIsNotGivenTwice) {
  const int64_t first = catalogue_->AddNotice({.receiver = "correo", .time = kNow});
  catalogue_->RemoveNotices("correo", first);
  EXPECT_GT(catalogue_->AddNotice({.receiver = "correo", .time = kNow}), first);
}

TEST_P(AlertsTest, BytesThatAreNotUtf8AndTextsWithoutEndAreTamed) {
  Alert alert = MakeAlert("fallo", "1/2026");
  alert.title = "a\xff" + std::string(10'000, 'x');
  catalogue_->PutAlert(alert);
  EXPECT_LE(catalogue_->ListAlerts().at(0).title.size(), 512U);
  catalogue_->AddNotice({.receiver = "r", .time = kNow, .content = std::string(1'000'000, 'x')});
  EXPECT_EQ(catalogue_->ListNotices("r", 1).at(0).content.size(), 16384U);
}

COFRE_ON_EVERY_ENGINE(AlertsTest);

}  // namespace
}  // namespace cofre::catalogue
