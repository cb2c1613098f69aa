#include "sources/tool_errors.h"

#include "base/text.h"

namespace cofre::sources {

const Meaning* FindMeaning(std::span<const Meaning> meanings, std::string_view text) {
  for (const Meaning& meaning : meanings) {
    if (text.find(meaning.phrase) != std::string_view::npos) return &meaning;
  }
  return nullptr;
}

void ForEachLine(std::string_view text, const std::function<void(std::string_view)>& work) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    work(Trimmed(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

bool TakePrefix(std::string_view& line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  return true;
}

void AppendClause(std::string& text, std::string_view clause) {
  clause = Trimmed(clause);
  if (clause.empty()) return;
  if (!text.empty()) text += "; ";
  text += clause;
}

}  // namespace cofre::sources
