#include "api/identity.h"

#include <algorithm>

namespace cofre::api {

bool Identity::Sees(const std::string& company) const {
  return !IsCompanyUser() || std::ranges::binary_search(user.companies, company);
}

std::string Identity::Way() const { return token ? "token " + std::to_string(token->id) : "session"; }

}  // namespace cofre::api
