#pragma once

// One job a company at a time, among all threads and processes of this machine: an flock(2) on a small file of the
// state folder. (Other machines are kept out by the repository's own lock.)
//
// The file also says whether catalogue and repository may disagree: its text stands while a job runs and goes at its
// end, unless the job called BeginDoubt and not EndDoubt, or its process was killed. The next job then compares the two
// before anything else (reconcile.h).

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"

namespace cofre::engine {

class CompanyLock {
 public:
  // `folder` must exist. `what` is for whoever is refused: "backup of 2025". Throws transient at once where the company
  // is busy, saying with what, since when and in which process.
  CompanyLock(const std::string& folder, const std::string& company, std::string_view what, TimePoint now);
  ~CompanyLock();
  CompanyLock(const CompanyLock&) = delete;
  CompanyLock& operator=(const CompanyLock&) = delete;

  // At first: whether the job before this one left doubt.
  bool in_doubt() const { return in_doubt_; }
  // The repository is about to be changed in a way that the catalogue will be told of.
  void BeginDoubt() { in_doubt_ = true; }
  // The two agree.
  void EndDoubt() { in_doubt_ = false; }

 private:
  FileDescriptor file_;
  std::string path_;
  bool in_doubt_ = false;
};

// Companies whose last job is in doubt and that nobody works on, in ascending order.
std::vector<std::string> CompaniesInDoubt(const std::string& folder);

}  // namespace cofre::engine
