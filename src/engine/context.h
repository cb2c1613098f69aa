#pragma once

// What jobs need, put together by service/wiring (in tests by hand). Nothing here is owned but by value; everything
// must outlive the jobs. Several jobs of different companies may use one context at once.

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "engine/company_repository.h"
#include "model/company.h"
#include "planner/retention.h"
#include "sources/source.h"

namespace cofre::engine {

struct Context {
  catalogue::Catalogue* catalogue = nullptr;
  CompanyRepositories* repositories = nullptr;
  Clock* clock = nullptr;
  std::function<std::unique_ptr<sources::Source>(const Server&, const Database&)> make_source;

  std::string lock_folder;    // for company_lock.h
  std::string process_owner;  // base/process_identity.h: who does the jobs

  planner::RetentionPolicy retention;
  unsigned first_fiscal_month = 1;
  std::string time_zone;  // of companies that have none of their own
};

}  // namespace cofre::engine
