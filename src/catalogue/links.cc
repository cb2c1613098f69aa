// Links by which backups are downloaded.

#include <fmt/format.h>

#include "base/error.h"
#include "base/utf8.h"
#include "catalogue/accounts.h"
#include "catalogue/job_rows.h"
#include "catalogue/state.h"

namespace cofre::catalogue {
namespace {

constexpr size_t kProblemLimit = 1024;  // bytes

constexpr const char* kSelectLinks =
    "SELECT id, hash, company, fiscal_year, snapshot_id, backup_time_ns, form, user_name, created_ns, expires_ns, "
    "most_uses, uses, used_ns, revoked_ns, mail, mail_state, mail_problem FROM download_links WHERE 1 = 1";

std::vector<DownloadLink> ReadLinks(Statement& statement) {
  statement.Append(" ORDER BY id DESC").NumberColumn().TextColumn().TextColumn().NumberColumn().TextColumn();
  statement.NumberColumn().TextColumn().TextColumn();
  for (int i = 0; i < 6; ++i) statement.NumberColumn();
  statement.TextColumn().TextColumn().TextColumn();
  std::vector<DownloadLink> links;
  while (statement.Fetch()) {
    DownloadLink& link = links.emplace_back();
    link.id = statement.Number();
    link.hash = statement.Text();
    link.company = statement.Text();
    link.fiscal_year = static_cast<int>(statement.Number());
    link.snapshot_id = statement.Text();
    link.backup_time = TimePoint(Duration(statement.Number()));
    link.form = ParseDownloadForm(statement.Text());
    link.user = statement.Text();
    link.created = TimePoint(Duration(statement.Number()));
    link.expires = TimePoint(Duration(statement.Number()));
    link.most_uses = static_cast<int>(statement.Number());
    link.uses = static_cast<int>(statement.Number());
    link.used = ToTime(statement.OptionalNumber());
    link.revoked = ToTime(statement.OptionalNumber());
    link.mail = statement.Text();
    link.mail_state = statement.Text();
    link.mail_problem = statement.Text();
  }
  return links;
}

std::optional<DownloadLink> First(std::vector<DownloadLink> links) {
  return links.empty() ? std::nullopt : std::optional(std::move(links.front()));
}

}  // namespace

int64_t Accounts::AddLink(const DownloadLink& link) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const int64_t id = NextNumber(session, "download_links");
    Statement(session,
              "INSERT INTO download_links (id, hash, company, fiscal_year, snapshot_id, backup_time_ns, form, "
              "user_name, created_ns, expires_ns, most_uses, uses, mail, mail_state, mail_problem) VALUES (:id, :hash, "
              ":company, :fiscal_year, :snapshot, :backup_time, :form, :user, :created, :expires, :most_uses, 0, "
              ":mail, :mail_state, '')")
        .Bind("id", id)
        .Bind("hash", link.hash)
        .Bind("company", link.company)
        .Bind("fiscal_year", static_cast<int64_t>(link.fiscal_year))
        .Bind("snapshot", link.snapshot_id)
        .Bind("backup_time", ToNumber(link.backup_time))
        .Bind("form", std::string(DownloadFormName(link.form)))
        .Bind("user", link.user)
        .Bind("created", ToNumber(link.created))
        .Bind("expires", ToNumber(link.expires))
        .Bind("most_uses", static_cast<int64_t>(link.most_uses))
        .Bind("mail", link.mail)
        .Bind("mail_state", link.mail_state)
        .Run();
    return id;
  });
}

std::optional<DownloadLink> Accounts::FindLink(const std::string& hash) {
  return catalogue_.state_->With([&](soci::session& session) {
    Statement statement(session, kSelectLinks);
    statement.Where(" AND hash = :hash", "hash", hash);
    return First(ReadLinks(statement));
  });
}

DownloadLink Accounts::GetLink(int64_t id) {
  return catalogue_.state_->With([&](soci::session& session) {
    Statement statement(session, kSelectLinks);
    statement.Where(" AND id = :id", "id", id);
    auto link = First(ReadLinks(statement));
    if (!link) throw Error(ErrorKind::kNotFound, fmt::format("there is no link {}", id));
    return *std::move(link);
  });
}

std::vector<DownloadLink> Accounts::ListLinks(const std::string& company) {
  return catalogue_.state_->With([&](soci::session& session) {
    Statement statement(session, kSelectLinks);
    if (!company.empty()) statement.Where(" AND company = :company", "company", company);
    return ReadLinks(statement);
  });
}

size_t Accounts::CountMailedLinks(const std::string& user, TimePoint since) {
  return catalogue_.state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT COUNT(*) FROM download_links WHERE mail <> ''");
    statement.Where(" AND user_name = :user", "user", user);
    statement.Where(" AND created_ns >= :since", "since", ToNumber(since)).NumberColumn();
    statement.Fetch();
    return static_cast<size_t>(statement.Number());
  });
}

bool Accounts::UseLink(int64_t id, TimePoint now) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(
               session,
               "UPDATE download_links SET uses = uses + 1, used_ns = :now WHERE id = :id AND uses < most_uses AND "
               "revoked_ns IS NULL AND expires_ns > :at")
               .Bind("now", ToNumber(now))
               .Bind("id", id)
               .Bind("at", ToNumber(now))
               .Run() > 0;
  });
}

void Accounts::GiveBackLinkUse(int64_t id) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session, "UPDATE download_links SET uses = uses - 1 WHERE id = :id AND uses > 0")
        .Bind("id", id)
        .Run();
  });
}

void Accounts::RevokeLink(int64_t id, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const int64_t changed =
        Statement(session, "UPDATE download_links SET revoked_ns = COALESCE(revoked_ns, :at) WHERE id = :id")
            .Bind("at", ToNumber(at))
            .Bind("id", id)
            .Run();
    if (changed == 0) throw Error(ErrorKind::kNotFound, fmt::format("there is no link {}", id));
    return changed;
  });
}

void Accounts::MarkLinkMail(int64_t id, const std::string& state, const std::string& problem) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session, "UPDATE download_links SET mail_state = :state, mail_problem = :problem WHERE id = :id")
        .Bind("state", state)
        .Bind("problem", ToValidUtf8(problem, kProblemLimit))
        .Bind("id", id)
        .Run();
  });
}

void Accounts::FailPendingLinkMails(const std::string& problem) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session,
                     "UPDATE download_links SET mail_state = 'failed', mail_problem = :problem WHERE mail_state = "
                     "'pending'")
        .Bind("problem", problem)
        .Run();
  });
}

void Accounts::RemoveLinksExpiredBefore(TimePoint time) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session, "DELETE FROM download_links WHERE expires_ns < :time").Bind("time", ToNumber(time)).Run();
  });
}

}  // namespace cofre::catalogue
