#include "service/notify/told.h"

#include <fmt/format.h>

#include <algorithm>

namespace cofre::service {

std::string SubjectLine(std::span<const Told> told) {
  if (told.size() == 1) return "[Cofre] " + told.front().event.title;
  const auto over = static_cast<size_t>(std::ranges::count_if(told, &Told::ended));
  const size_t begun = told.size() - over;
  std::string line = "[Cofre]";
  if (begun > 0) line += fmt::format(" {} {}", begun, begun == 1 ? "alert" : "alerts");
  if (over > 0) line += fmt::format("{} {} over", begun > 0 ? "," : "", over);
  return line;
}

std::string PlainText(std::span<const Told> told, const planner::TimeZone& zone, size_t most) {
  std::string text;
  for (const Told& one : told.first(std::min(told.size(), most))) {
    if (!text.empty()) text += '\n';
    text += zone.Format(one.time) + "  " + one.event.title + "\n";
    if (!one.event.detail.empty()) text += one.event.detail + "\n";
  }
  if (told.size() > most) text += fmt::format("\n... and {} more: cofre alerts list\n", told.size() - most);
  return text;
}

}  // namespace cofre::service
