#include "sources/dump_name.h"

#include <algorithm>

namespace cofre::sources {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string DumpNameFromPath(std::string_view path, std::string_view extension) {
  const size_t slash = path.find_last_of("/\\:");
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (const size_t dot = name.rfind('.'); dot != std::string_view::npos && dot != 0) name = name.substr(0, dot);
  std::string result;
  for (const char c : name) {
    const bool continues_a_character = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (IsPlain(c)) {
      result.push_back(c);
    } else if (!continues_a_character) {
      result.push_back('_');
    }
  }
  result.resize(std::min<size_t>(result.size(), 100));
  if (result.find_first_not_of('.') == std::string::npos) result = "database";
  if (result.front() == '.') result.front() = '_';
  return result.append(extension);
}

}  // namespace cofre::sources
