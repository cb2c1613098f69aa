#include "planner/explain.h"

#include <fmt/format.h>

namespace cofre::planner {
namespace {

class Words {
 public:
  Words(const PlanEntry& entry, const Fleet& fleet, const DatabaseFacts& database)
      : entry_(entry),
        database_(database),
        company_(fleet.companies.at(database.company)),
        server_(fleet.servers.at(company_.server)),
        zone_(fleet.zones.at(company_.zone)) {}

  std::string All() const {
    std::string text = Reason();
    if (entry_.due != kNoTime) text += fmt::format(" (due since {}{})", At(entry_.due), entry_.late ? ", late" : "");
    return text;
  }

 private:
  std::string At(TimePoint time) const { return time == kNoTime ? "a time that is not known" : zone_.Format(time); }
  std::string When() const { return At(entry_.when); }

  bool HasBackup() const { return database_.newest_backup != kNoTime; }
  std::string LastBackup() const {
    if (!HasBackup()) return "it has no backup";
    return "its newest backup is of " + At(database_.newest_backup);
  }

  std::string Running() const {
    switch (entry_.reason) {
      case PlanReason::kScheduled:
        return fmt::format("runs now, in batch {}", entry_.batch);
      case PlanReason::kRefresh:
        return "runs now: " + LastBackup();
      case PlanReason::kRefreshEarly:
        return fmt::format("runs now, early, so that not all closed years are due at once: {}", LastBackup());
      default:
        return fmt::format("runs now, attempt {}: the last one failed at {}", entry_.attempt,
                           At(database_.attempt_ended));
    }
  }

  std::string Reason() const {
    if (entry_.runs()) return Running();
    switch (entry_.reason) {
      case PlanReason::kDisabled:
        return "automatic backups of its company are off";
      case PlanReason::kAllPaused:
        return "everything is paused: cofre resume";
      case PlanReason::kServerPausedByUser:
        return fmt::format("server {0} is paused: cofre resume --server {0}", server_.name);
      case PlanReason::kServerPaused:
        return fmt::format("server {} fails again and again; it is left alone until {}", server_.name, When());
      case PlanReason::kServerProbed:
        return fmt::format("server {} failed again and again; one backup at a time tries it", server_.name);
      case PlanReason::kServerBusy:
        return fmt::format("waits until less is to do on server {}", server_.name);
      case PlanReason::kRunning:
        return "is being backed up";
      case PlanReason::kQueued:
        return "admitted; waits for a worker";
      case PlanReason::kCompanyBusy:
        return "waits for another job of its company";
      case PlanReason::kNotDue:
        return (HasBackup() ? "not due until " : "no backup yet; due at ") + When();
      case PlanReason::kFresh:
        return (HasBackup() ? "fresh until " : "its backup has gone; tried again at ") + When();
      case PlanReason::kBatchBefore:
        return fmt::format("waits for batch {} to end; expected in batch {}", entry_.batch - 1, entry_.batch);
      default:
        return Held();
    }
  }

  // By a cap, or by what happened to it before.
  std::string Held() const {
    switch (entry_.reason) {
      case PlanReason::kHourlyCap:
        return fmt::format("{}; the starts of this hour are used up until {}", LastBackup(), When());
      case PlanReason::kMinuteCap:
        return fmt::format("{}; the starts of this minute are used up until {}", LastBackup(), When());
      case PlanReason::kCandidateLimit:
        return fmt::format("{}; enough others need one more; looked at again at {}", LastBackup(), When());
      case PlanReason::kOverSpace:
        return fmt::format("its company had no space left at {}; tried again at {}", Failed(), When());
      case PlanReason::kRetryLater:
        return fmt::format("failed at {}; tried again at {}", Failed(), When());
      case PlanReason::kGaveUp:
        return fmt::format("failed at {}, as did all tries before; tried again at {}", Failed(), When());
      default:
        return fmt::format("failed at {} and would again; tried again at {}, or once something has changed", Failed(),
                           When());
    }
  }
  std::string Failed() const { return At(database_.attempt_ended); }

  const PlanEntry& entry_;
  const DatabaseFacts& database_;
  const CompanyFacts& company_;
  const ServerFacts& server_;
  const TimeZone& zone_;
};

}  // namespace

std::string Explain(const Plan& plan, const Fleet& fleet, uint32_t database) {
  return Words(plan.entries.at(database), fleet, fleet.databases.at(database)).All();
}

}  // namespace cofre::planner
