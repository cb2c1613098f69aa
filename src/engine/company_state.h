#pragma once

// What the catalogue knows of a company's repository.

#include <functional>
#include <string>

#include "engine/context.h"

namespace cofre::engine {

// Reads, lets `change` work on it, and stores it, in one transaction. The company exists.
void UpdateCompanyState(const Context& context, const std::string& company,
                        const std::function<void(CompanyState&)>& change);

}  // namespace cofre::engine
