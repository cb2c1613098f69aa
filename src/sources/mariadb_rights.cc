#include "sources/mariadb_rights.h"

#include <array>
#include <optional>
#include <set>

#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::array<std::string_view, 4> kNeeded = {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"};
constexpr std::string_view kRoutines = "SELECT ON mysql.proc";

// "*" as it is, `na``me` without its quotes.
std::optional<std::string> TakeName(std::string_view& text) {
  if (TakePrefix(text, "*")) return "*";
  if (!TakePrefix(text, "`")) return std::nullopt;
  std::string name;
  while (!text.empty()) {
    if (text.front() == '`' && !text.substr(1).starts_with('`')) {
      text.remove_prefix(1);
      return name;
    }
    if (text.front() == '`') text.remove_prefix(1);
    name += text.front();
    text.remove_prefix(1);
  }
  return std::nullopt;
}

// As GRANT means a database: '%' any characters, '_' one byte or more of one, '\' takes the next one as it is.
bool Matches(std::string_view pattern, std::string_view name) {
  // The last '%' and what it was tried with: one step back is enough.
  size_t p = 0;
  size_t n = 0;
  size_t any = std::string_view::npos;
  size_t tried = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      any = p++;
      tried = n;
      continue;
    }
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    const size_t at = escaped ? p + 1 : p;
    if (at < pattern.size() && (pattern[at] == name[n] || (pattern[at] == '_' && !escaped))) {
      p = at + 1;
      ++n;
      continue;
    }
    if (any == std::string_view::npos) return false;
    p = any + 1;
    n = ++tried;
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

class Rights {
 public:
  explicit Rights(std::string_view database) : database_(database) {}

  // "GRANT SELECT, SHOW VIEW ON `cont%`.* TO `cofre`@`%` ..."; lines that grant a role have no ON.
  void Take(std::string_view line) {
    const size_t on = line.find(" ON ");
    if (!TakePrefix(line, "GRANT ") || on == std::string_view::npos) return;
    const std::string_view rights = line.substr(0, on - std::string_view("GRANT ").size());
    line.remove_prefix(rights.size() + std::string_view(" ON ").size());
    const auto database = TakeName(line);
    if (!database || !TakePrefix(line, ".")) return;
    const auto object = TakeName(line);
    if (!object) return;
    const bool everywhere = *database == "*";
    if (*object == "*" && (everywhere || Matches(*database, database_))) TakeAll(rights);
    const bool has_select = Has(rights, "SELECT") || Has(rights, "SHOW CREATE ROUTINE");
    const bool of_routines = everywhere || (*database == "mysql" && (*object == "*" || *object == "proc"));
    if (of_routines && has_select) sees_routines_ = true;
  }

  std::string Missing() const {
    std::string missing;
    const auto add = [&](std::string_view right) {
      if (!missing.empty()) missing += ", ";
      missing += right;
    };
    for (const std::string_view right : kNeeded) {
      if (!found_.contains(right)) add(right);
    }
    if (!sees_routines_) add(kRoutines);
    return missing;
  }

 private:
  static bool Has(std::string_view rights, std::string_view right) {
    if (rights == "ALL PRIVILEGES") return true;
    while (!rights.empty()) {
      const size_t comma = rights.find(", ");
      if (rights.substr(0, comma) == right) return true;
      rights.remove_prefix(comma == std::string_view::npos ? rights.size() : comma + 2);
    }
    return false;
  }

  void TakeAll(std::string_view rights) {
    for (const std::string_view right : kNeeded) {
      if (Has(rights, right)) found_.insert(right);
    }
  }

  std::string_view database_;
  std::set<std::string_view> found_;
  bool sees_routines_ = false;
};

}  // namespace

std::string MissingMariadbRights(std::string_view grants, std::string_view database) {
  Rights rights(database);
  ForEachLine(grants, [&](std::string_view line) { rights.Take(line); });
  return rights.Missing();
}

}  // namespace cofre::sources
