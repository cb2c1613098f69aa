// Any bytes as a CSV file: read, or refused with kind usage; what is read obeys the model.

#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"
#include "catalogue/company_csv.h"
#include "model/company.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto is_known_zone = [](std::string_view name) { return name == "America/Bogota"; };
    for (const auto& company : cofre::catalogue::ParseCompanyCsv(cofre::AsText({data, size}), is_known_zone)) {
      if (cofre::ParseCompanyId(company.id) != company.id) std::abort();
      if (company.name.empty() || company.databases.empty()) std::abort();
    }
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kUsage) std::abort();
  }
  return 0;
}
