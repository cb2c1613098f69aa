#pragma once

// What jobs need, put together by service/wiring (in tests by hand). Nothing here is owned but by value; everything
// must outlive the jobs. Several jobs of different companies may use one context at once.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "engine/company_repository.h"
#include "model/company.h"
#include "planner/retention.h"
#include "sources/source.h"

namespace cofre::engine {

// A job's row that somebody else keeps: he is told how it ended and stores that.
struct KeptRow {
  bool begun = false;  // false still after a failure: the company was busy, or gone, and nothing was done
  catalogue::JobOutcome outcome;
  // The company is in doubt (company_lock.h), and the catalogue could not be told: to be told before the outcome.
  std::optional<TimePoint> doubt_since;
};

struct Context {
  catalogue::Catalogue* catalogue = nullptr;
  CompanyRepositories* repositories = nullptr;
  Clock* clock = nullptr;
  std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source;

  std::string lock_folder;    // for company_lock.h
  std::string process_owner;  // base/process_identity.h: who does the jobs

  KeptRow* row = nullptr;  // null: each job writes a row of its own
  // Throws transient where the job has passed to another process: called before a result is recorded or anything is
  // deleted, within the transaction that does it where there is one.
  std::function<void()> require_claim = [] {};

  planner::RetentionPolicy retention;
  unsigned first_fiscal_month = 1;
  std::string time_zone;  // of companies that have none of their own
};

}  // namespace cofre::engine
