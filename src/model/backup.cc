#include "model/backup.h"

#include <array>

#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"

namespace cofre {
namespace {

constexpr std::array<std::string_view, 6> kJobKinds = {"backup", "verify", "prune", "restore", "export", "drill"};
constexpr std::array<std::string_view, 5> kJobStates = {"queued", "running", "done", "failed", "interrupted"};
constexpr std::array<std::string_view, 4> kJobReasons = {"manual", "scheduled", "refresh", "maintenance"};

template <typename Enum, size_t count>
Enum Parse(std::string_view what, std::string_view name, const std::array<std::string_view, count>& names) {
  for (size_t i = 0; i < count; ++i) {
    if (names.at(i) == name) return static_cast<Enum>(i);
  }
  throw Error(ErrorKind::kUsage, std::string(what) + " " + Quoted(name) + " does not exist", Suggestion(name, names));
}

}  // namespace

std::string_view JobKindName(JobKind kind) { return kJobKinds.at(static_cast<size_t>(kind)); }
JobKind ParseJobKind(std::string_view name) { return Parse<JobKind>("the job kind", name, kJobKinds); }
std::string_view JobStateName(JobState state) { return kJobStates.at(static_cast<size_t>(state)); }
JobState ParseJobState(std::string_view name) { return Parse<JobState>("the job state", name, kJobStates); }
std::string_view JobReasonName(JobReason reason) { return kJobReasons.at(static_cast<size_t>(reason)); }
JobReason ParseJobReason(std::string_view name) { return Parse<JobReason>("the job reason", name, kJobReasons); }

}  // namespace cofre
