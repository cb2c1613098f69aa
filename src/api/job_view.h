#pragma once

// Jobs as clients see them: what the catalogue says, with the company's name and how far the job is just now.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/identity.h"
#include "api/json.h"
#include "catalogue/catalogue.h"
#include "service/wiring.h"

namespace cofre::api {

// Thread-safe. Errors: the catalogue's.
class JobView {
 public:
  // The references outlive it.
  JobView(catalogue::Catalogue& catalogue, const std::function<std::shared_ptr<service::Wiring>()>& wiring)
      : catalogue_(catalogue), wiring_(wiring) {}

  // Of a job that runs in this process as this moment has it; of others as their lease was last renewed.
  service::JobProgress ProgressOf(const Job& job) const;

  // For anybody who may see it: without its process.
  Json ToJson(const Job& job) const;
  Json ToJson(const Job& job, const Identity& identity) const;
  Json ToJson(const std::vector<Job>& jobs, const Identity& identity) const;

 private:
  catalogue::Catalogue& catalogue_;
  const std::function<std::shared_ptr<service::Wiring>()>& wiring_;
};

}  // namespace cofre::api
