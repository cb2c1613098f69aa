#pragma once

// The fleet's health as Prometheus's families of figures. Pure. Include it in .cc files only.

#include <prometheus/metric_family.h>

#include <vector>

#include "model/alert.h"
#include "service/health.h"

namespace cofre::service {

struct FleetFigures {
  Health health;
  std::vector<Alert> alerts;
  SpaceLevels levels;
  bool per_company = false;
};

// Every family each time, with every value of its labels that can occur: a series that comes and goes can't be alerted
// on.
std::vector<prometheus::MetricFamily> FleetFamilies(const FleetFigures& figures);

// cofre_catalogue_up.
prometheus::MetricFamily CatalogueFamily(bool is_up);

}  // namespace cofre::service
