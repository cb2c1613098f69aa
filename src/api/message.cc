#include "api/message.h"

#include "base/text.h"
#include "base/utf8.h"

namespace cofre::api {
namespace {

constexpr size_t kMostParameters = 50;

const std::string kNothing;

const std::string& Find(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? kNothing : found->second;
}

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool IsControl(char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }

// nullopt for broken escapes, control characters, and what is not UTF-8.
std::optional<std::string> Decode(std::string_view text, bool in_path) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && !in_path) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
      if (in_path && c == '/') return std::nullopt;
    }
    if (IsControl(c)) return std::nullopt;
    decoded.push_back(c);
  }
  if (!IsValidUtf8(decoded)) return std::nullopt;
  return decoded;
}

bool AddParameter(std::string_view text, std::map<std::string, std::string>& query) {
  const size_t equals = text.find('=');
  const auto name = Decode(text.substr(0, equals), false);
  const auto value = Decode(equals == std::string_view::npos ? "" : text.substr(equals + 1), false);
  return name && value && query.size() < kMostParameters && query.emplace(*name, *value).second;
}

}  // namespace

std::string_view MethodName(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "";
}

const std::string& Request::Header(const std::string& name) const { return Find(headers, name); }
const std::string& Request::Query(const std::string& name) const { return Find(query, name); }

std::string Request::Cookie(std::string_view name) const {
  std::string_view rest = Header("cookie");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    const std::string_view pair = Trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
  }
  return "";
}

std::optional<Target> ParseTarget(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  const size_t question = text.find('?');
  const auto path = Decode(text.substr(0, question), true);
  if (!path) return std::nullopt;
  Target target{.path = *path};
  std::string_view rest = question == std::string_view::npos ? "" : text.substr(question + 1);
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view parameter = rest.substr(0, end);
    if (!parameter.empty() && !AddParameter(parameter, target.query)) return std::nullopt;
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return target;
}

}  // namespace cofre::api
