#pragma once

// Brings what a CSV file says into the catalogue.

#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "catalogue/company_csv.h"
#include "model/company.h"

namespace cofre::catalogue {

struct ImportCounts {
  size_t added = 0;
  size_t changed = 0;
  size_t unchanged = 0;

  bool operator==(const ImportCounts&) const = default;
};

struct ImportResult {
  ImportCounts companies;
  ImportCounts databases;
};

// Adds what is new, changes what differs, leaves the rest, removes nothing: a repeat is harmless. All in one
// transaction: an error (kind not_found for a server that is missing, usage for one whose databases have no path)
// leaves the catalogue as it was and names the row. A new company has the backup time, space limit and time zone of
// `defaults` where the file doesn't say; new databases are registered at `now`.
ImportResult ImportCompanies(Catalogue& catalogue, const std::vector<ImportedCompany>& companies,
                             const Company& defaults, TimePoint now);

}  // namespace cofre::catalogue
