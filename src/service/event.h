#pragma once

// What happened that an operator may want to be told. Whoever sees it happen makes an Event and gives it to the
// Notifier (notifier.h), as often as it likes: what has been said is not said again until it has ended.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cofre::service {

// What an event is about. The names are those of the configuration and of JSON.
enum class Topic : uint8_t {
  kBackup,    // "fallo": a backup failed, or succeeded again
  kLate,      // "atraso": a database has no fresh backup
  kSpace,     // "espacio": a company fills its space
  kServer,    // "servidor": a database server, or the store, does not answer, or does again
  kDrill,     // "simulacro": a restore drill failed, or passed again
  kDatabase,  // "bases": databases appeared or vanished
  kSummary,   // "resumen": the nightly summary
};
inline constexpr Topic kTopics[] = {Topic::kBackup, Topic::kLate,     Topic::kSpace,  Topic::kServer,
                                    Topic::kDrill,  Topic::kDatabase, Topic::kSummary};

std::string_view TopicName(Topic topic);
// Throws kind usage and names the known ones.
Topic ParseTopic(std::string_view name);

// A value. Texts are without secrets and may be of others (a dump program's error): they are cut and made valid UTF-8
// before they are kept or sent.
struct Event {
  Topic topic = Topic::kBackup;
  std::string subject;  // within its topic, what it is about: "900869750/2026", "srv1"; the key of what has been said
  int level = 0;        // 0: all is well with it; 1: not; 2: worse
  int holds = 0;        // where the level was higher: it falls to this one at the lowest, so that a figure that sways
                        // around a limit is said once
  bool lasting = true;  // false: it happened and has no end (a summary); said once for its subject
  std::string company;  // these where they apply
  int fiscal_year = 0;
  std::string server;
  std::string title;   // one line
  std::string detail;  // more lines, or empty
};

Event BackupFailed(const std::string& company, const std::string& name, int fiscal_year, const std::string& server,
                   const std::string& message);
// Ends BackupFailed and BackupLate of that database.
Event BackupDone(const std::string& company, const std::string& name, int fiscal_year, const std::string& server);

// `newest` nullopt: it has none at all.
Event BackupLate(const std::string& company, const std::string& name, int fiscal_year, const std::string& server,
                 std::optional<Duration> age);
Event BackupFresh(const std::string& company, const std::string& name, int fiscal_year, const std::string& server);

// Percent of the limit from which on it is said, and said again.
struct SpaceLevels {
  unsigned high = 80;
  unsigned full = 95;
};
// Every measurement, also a harmless one.
Event SpaceUsed(const std::string& company, const std::string& name, uint64_t used_bytes, uint64_t limit_bytes,
                const SpaceLevels& levels);

Event ServerDown(const std::string& server, const std::string& message);
Event ServerUp(const std::string& server);

// The store, which is told of as of a server; no server has that name.
inline constexpr const char* kStoreSubject = "(store)";
Event StoreDown(const std::string& message);
Event StoreUp();

Event DrillFailed(const std::string& company, const std::string& name, int fiscal_year, const std::string& message);
Event DrillPassed(const std::string& company, const std::string& name, int fiscal_year);

// Discovery: a database that nobody knew, one that is gone from its server, and one that is back.
Event DatabaseFound(const std::string& company, const std::string& name, int fiscal_year, const std::string& server);
Event DatabaseVanished(const std::string& company, const std::string& name, int fiscal_year, const std::string& server);
Event DatabaseReturned(const std::string& company, const std::string& name, int fiscal_year, const std::string& server);

}  // namespace cofre::service
