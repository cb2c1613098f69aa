#include "model/account.h"

#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace cofre {
namespace {

constexpr size_t kLongestName = 63;

constexpr std::array<std::pair<Role, std::string_view>, 4> kRoles{{{Role::kCompany, "company"},
                                                                   {Role::kViewer, "viewer"},
                                                                   {Role::kOperator, "operator"},
                                                                   {Role::kAdministrator, "administrator"}}};
constexpr std::array<std::pair<Scope, std::string_view>, 3> kScopes{
    {{Scope::kRead, "read"}, {Scope::kOperate, "operate"}, {Scope::kAdminister, "administer"}}};

bool IsNameCharacter(char c, bool first) {
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return true;
  return !first && (c == '.' || c == '_' || c == '@' || c == '-');
}

template <typename Table>
std::string Known(const Table& table) {
  std::string names;
  for (const auto& [value, name] : table) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

}  // namespace

std::string_view RoleName(Role role) { return kRoles.at(static_cast<size_t>(role)).second; }

Role ParseRole(std::string_view name) {
  for (const auto& [role, known] : kRoles) {
    if (known == name) return role;
  }
  throw Error(ErrorKind::kUsage, Quoted(name) + " is no role", "one of " + Known(kRoles));
}

std::string_view ScopeName(Scope scope) { return kScopes.at(static_cast<size_t>(scope)).second; }

Scope ParseScope(std::string_view name) {
  for (const auto& [scope, known] : kScopes) {
    if (known == name) return scope;
  }
  throw Error(ErrorKind::kUsage, Quoted(name) + " is no scope", "one of " + Known(kScopes));
}

std::string ParseUserName(std::string_view text) {
  std::string name = AsciiLower(Trimmed(text));
  bool fits = !name.empty() && name.size() <= kLongestName;
  for (size_t i = 0; i < name.size() && fits; ++i) fits = IsNameCharacter(name[i], i == 0);
  if (fits) return name;
  throw Error(ErrorKind::kUsage, Quoted(text) + " is no name of a user",
              "letters, digits and . _ @ -, at most 63, a letter or digit first: ana, ana.perez@example.com");
}

}  // namespace cofre
