#include "cli/check_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/table.h"

namespace cofre::cli {

int PrintCheckLines(Session& session, const std::vector<storage::CheckLine>& lines) {
  service::Json json = service::Json::array();
  std::string text;
  size_t width = 0;
  for (const storage::CheckLine& line : lines) width = std::max(width, DisplayWidth(line.name));
  for (const storage::CheckLine& line : lines) {
    json.push_back({{"prueba", line.name}, {"bien", line.ok}, {"mensaje", line.message}, {"sugerencia", line.hint}});
    text += (line.ok ? "ok    " : "FAIL  ") + line.name + std::string(width - DisplayWidth(line.name), ' ');
    text += "  " + line.message + "\n";
    if (!line.hint.empty()) text += "      hint: " + line.hint + "\n";
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(text);
  }
  const bool ok = std::all_of(lines.begin(), lines.end(), [](const storage::CheckLine& line) { return line.ok; });
  return ok ? kExitOk : kExitPermanent;
}

}  // namespace cofre::cli
