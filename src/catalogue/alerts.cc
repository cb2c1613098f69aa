#include <algorithm>
#include <cstdint>

#include "base/utf8.h"
#include "catalogue/state.h"
#include "model/alert.h"

namespace cofre::catalogue {
namespace {

constexpr size_t kTitleLimit = 512;      // bytes
constexpr size_t kContentLimit = 16384;  // bytes

std::vector<Alert> List(soci::session& session, const std::string& topic, const std::string& subject) {
  Statement statement(session, "SELECT topic, subject, level, lasting, said, since_ns, title FROM alerts WHERE 1 = 1");
  if (!topic.empty()) statement.Where(" AND topic = :topic", "topic", topic);
  if (!subject.empty()) statement.Where(" AND subject = :subject", "subject", subject);
  statement.Append(" ORDER BY topic, subject").TextColumn().TextColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn().TextColumn();
  std::vector<Alert> alerts;
  while (statement.Fetch()) {
    Alert alert;
    alert.topic = statement.Text();
    alert.subject = statement.Text();
    alert.level = static_cast<int>(statement.Number());
    alert.lasting = statement.Number() != 0;
    alert.said = statement.Number() != 0;
    alert.since = TimePoint(Duration(statement.Number()));
    alert.title = statement.Text();
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

void Remove(soci::session& session, const std::string& topic, const std::string& subject) {
  Statement(session, "DELETE FROM alerts WHERE topic = :topic AND subject = :subject")
      .Bind("topic", topic)
      .Bind("subject", subject)
      .Run();
}

}  // namespace

std::vector<Alert> Catalogue::ListAlerts(const std::string& topic, const std::string& subject) {
  return state_->With([&](soci::session& session) { return List(session, topic, subject); });
}

void Catalogue::PutAlert(const Alert& alert) {
  state_->Write(*this, [&](soci::session& session) {
    Remove(session, alert.topic, alert.subject);
    Statement(session,
              "INSERT INTO alerts (topic, subject, level, lasting, said, since_ns, title) "
              "VALUES (:topic, :subject, :level, :lasting, :said, :since_ns, :title)")
        .Bind("topic", alert.topic)
        .Bind("subject", alert.subject)
        .Bind("level", static_cast<int64_t>(alert.level))
        .Bind("lasting", static_cast<int64_t>(alert.lasting))
        .Bind("said", static_cast<int64_t>(alert.said))
        .Bind("since_ns", alert.since.time_since_epoch().count())
        .Bind("title", ToValidUtf8(alert.title, kTitleLimit))
        .Run();
  });
}

void Catalogue::RemoveAlert(const std::string& topic, const std::string& subject) {
  state_->Write(*this, [&](soci::session& session) { Remove(session, topic, subject); });
}

void Catalogue::RemovePassingAlerts(TimePoint before) {
  state_->Write(*this, [&](soci::session& session) {
    Statement(session, "DELETE FROM alerts WHERE lasting = 0 AND since_ns < :before")
        .Bind("before", before.time_since_epoch().count())
        .Run();
  });
}

int64_t Catalogue::AddNotice(const Notice& notice) {
  return state_->Write(*this, [&](soci::session& session) {
    Statement(session, "UPDATE counters SET value = value + 1 WHERE name = 'notices'").Run();
    const int64_t id = Count(session, "SELECT value FROM counters WHERE name = :key", "notices");
    Statement(session,
              "INSERT INTO notices (id, receiver, time_ns, content) VALUES (:id, :receiver, :time_ns, :content)")
        .Bind("id", id)
        .Bind("receiver", notice.receiver)
        .Bind("time_ns", notice.time.time_since_epoch().count())
        .Bind("content", ToValidUtf8(notice.content, kContentLimit))
        .Run();
    return id;
  });
}

std::vector<Notice> Catalogue::ListNotices(const std::string& receiver, size_t limit) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT id, receiver, time_ns, content FROM notices");
    statement.Where(" WHERE receiver = :receiver", "receiver", receiver);
    statement.Where(" ORDER BY id LIMIT :most", "most", static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX)));
    statement.NumberColumn().TextColumn().NumberColumn().TextColumn();
    std::vector<Notice> notices;
    while (statement.Fetch()) {
      Notice notice;
      notice.id = statement.Number();
      notice.receiver = statement.Text();
      notice.time = TimePoint(Duration(statement.Number()));
      notice.content = statement.Text();
      notices.push_back(std::move(notice));
    }
    return notices;
  });
}

int64_t Catalogue::RemoveNotices(const std::string& receiver, int64_t up_to) {
  return state_->Write(*this, [&](soci::session& session) {
    return Statement(session, "DELETE FROM notices WHERE receiver = :receiver AND id <= :up_to")
        .Bind("receiver", receiver)
        .Bind("up_to", up_to)
        .Run();
  });
}

int64_t Catalogue::RemoveNoticesBefore(TimePoint time) {
  return state_->Write(*this, [&](soci::session& session) {
    return Statement(session, "DELETE FROM notices WHERE time_ns < :time")
        .Bind("time", time.time_since_epoch().count())
        .Run();
  });
}

size_t Catalogue::CountNotices(const std::string& receiver) {
  return state_->With([&](soci::session& session) {
    return static_cast<size_t>(Count(session, "SELECT COUNT(*) FROM notices WHERE receiver = :key", receiver));
  });
}

}  // namespace cofre::catalogue
