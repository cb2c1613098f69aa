#include "service/event.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"

namespace cofre::service {
namespace {

// "900869750/2026".
std::string SubjectOf(const std::string& company, int fiscal_year) {
  return fmt::format("{}/{}", company, fiscal_year);
}

// "Ferretería Peña (900869750)".
std::string NameOf(const std::string& company, const std::string& name) {
  return name.empty() ? company : fmt::format("{} ({})", name, company);
}

std::string NameOf(const std::string& company, const std::string& name, int fiscal_year) {
  return fmt::format("{} {}", NameOf(company, name), fiscal_year);
}

// "3 days", "26 hours".
std::string AgeText(Duration age) {
  const auto count = std::chrono::duration_cast<std::chrono::hours>(age).count();
  return count >= 72 ? fmt::format("{} days", count / 24) : fmt::format("{} hours", count);
}

Event OfDatabase(Topic topic, const std::string& company, int fiscal_year, const std::string& server, int level,
                 std::string title, std::string detail = "") {
  return {.topic = topic,
          .subject = SubjectOf(company, fiscal_year),
          .level = level,
          .company = company,
          .fiscal_year = fiscal_year,
          .server = server,
          .title = std::move(title),
          .detail = std::move(detail)};
}

}  // namespace

std::string_view TopicName(Topic topic) {
  switch (topic) {
    case Topic::kBackup:
      return "fallo";
    case Topic::kLate:
      return "atraso";
    case Topic::kSpace:
      return "espacio";
    case Topic::kServer:
      return "servidor";
    case Topic::kDrill:
      return "simulacro";
    case Topic::kDatabase:
      return "bases";
    case Topic::kSummary:
      return "resumen";
  }
  return "fallo";
}

Topic ParseTopic(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Topic topic : kTopics) {
    if (TopicName(topic) == name) return topic;
    names.push_back(TopicName(topic));
  }
  throw Error(ErrorKind::kUsage, fmt::format("{} is nothing that is told", Quoted(name)), Suggestion(name, names));
}

Event BackupFailed(const std::string& company, const std::string& name, int fiscal_year, const std::string& server,
                   const std::string& message) {
  return OfDatabase(Topic::kBackup, company, fiscal_year, server, 1,
                    "Backup failed: " + NameOf(company, name, fiscal_year), message);
}

Event BackupDone(const std::string& company, const std::string& name, int fiscal_year, const std::string& server) {
  return OfDatabase(Topic::kBackup, company, fiscal_year, server, 0,
                    "Backup works again: " + NameOf(company, name, fiscal_year));
}

Event BackupLate(const std::string& company, const std::string& name, int fiscal_year, const std::string& server,
                 std::optional<Duration> age) {
  return OfDatabase(Topic::kLate, company, fiscal_year, server, 1, "Backup late: " + NameOf(company, name, fiscal_year),
                    age ? "The newest one is " + AgeText(*age) + " old." : "There is none at all.");
}

Event BackupFresh(const std::string& company, const std::string& name, int fiscal_year, const std::string& server) {
  return OfDatabase(Topic::kLate, company, fiscal_year, server, 0,
                    "Backup fresh again: " + NameOf(company, name, fiscal_year));
}

Event SpaceUsed(const std::string& company, const std::string& name, uint64_t used_bytes, uint64_t limit_bytes,
                const SpaceLevels& levels) {
  // Sways by this many percent are not worth a message each.
  constexpr double kSway = 5;
  const double percent =
      limit_bytes == 0 ? 100 : 100 * static_cast<double>(used_bytes) / static_cast<double>(limit_bytes);
  const auto level_from = [&](double figure) { return figure >= levels.full ? 2 : figure >= levels.high ? 1 : 0; };
  Event event{.topic = Topic::kSpace,
              .subject = company,
              .level = level_from(percent),
              .holds = level_from(percent + kSway),
              .company = company};
  const std::string figures = fmt::format("{} of {} are used.", HumanBytes(used_bytes), HumanBytes(limit_bytes));
  if (event.level == 0) {
    event.title = "Space is enough again: " + NameOf(company, name);
    event.detail = figures;
    return event;
  }
  event.title = fmt::format("Space used to {} %: {}", static_cast<unsigned>(percent), NameOf(company, name));
  event.detail = figures + " At the limit its backups fail: raise the limit, or remove backups that nobody needs.";
  return event;
}

Event ServerDown(const std::string& server, const std::string& message) {
  return {.topic = Topic::kServer,
          .subject = server,
          .level = 1,
          .server = server,
          .title = "Server down: " + server,
          .detail = message};
}

Event ServerUp(const std::string& server) {
  return {.topic = Topic::kServer, .subject = server, .server = server, .title = "Server is back: " + server};
}

Event StoreDown(const std::string& message) {
  return {.topic = Topic::kServer, .subject = kStoreSubject, .level = 1, .title = "Store down", .detail = message};
}

Event StoreUp() { return {.topic = Topic::kServer, .subject = kStoreSubject, .title = "Store is back"}; }

Event DrillFailed(const std::string& company, const std::string& name, int fiscal_year, const std::string& message) {
  return OfDatabase(Topic::kDrill, company, fiscal_year, "", 1,
                    "Restore drill failed: " + NameOf(company, name, fiscal_year), message);
}

Event DrillPassed(const std::string& company, const std::string& name, int fiscal_year) {
  return OfDatabase(Topic::kDrill, company, fiscal_year, "", 0,
                    "Restore drill passes again: " + NameOf(company, name, fiscal_year));
}

Event DatabaseFound(const std::string& company, const std::string& name, int fiscal_year, const std::string& server) {
  Event event = OfDatabase(Topic::kDatabase, company, fiscal_year, server, 1,
                           "New database: " + NameOf(company, name, fiscal_year),
                           "It was found on server " + server + " and will be backed up.");
  event.subject += "/found";
  event.lasting = false;
  return event;
}

Event DatabaseVanished(const std::string& company, const std::string& name, int fiscal_year,
                       const std::string& server) {
  return OfDatabase(Topic::kDatabase, company, fiscal_year, server, 1,
                    "Database vanished: " + NameOf(company, name, fiscal_year),
                    "Server " + server + " does not list it any more. Its backups stay.");
}

Event DatabaseReturned(const std::string& company, const std::string& name, int fiscal_year,
                       const std::string& server) {
  return OfDatabase(Topic::kDatabase, company, fiscal_year, server, 0,
                    "Database is back: " + NameOf(company, name, fiscal_year));
}

}  // namespace cofre::service
