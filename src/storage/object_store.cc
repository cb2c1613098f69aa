#include "storage/object_store.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.h"

namespace cofre::storage {
namespace {

constexpr size_t kMaxKeyLength = 512;

std::string KeyProblem(std::string_view key) {
  if (key.empty()) return "is empty";
  if (key.size() > kMaxKeyLength) return fmt::format("is longer than {} bytes", kMaxKeyLength);
  if (!std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; }))
    return "has a byte that is not printable ASCII";
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty()) return "has an empty segment";
    if (segment == "." || segment == "..") return fmt::format("has the segment \"{}\"", segment);
    begin = end + 1;
  }
  return "";
}

// A key that is refused may hold anything: show what is printable of its beginning.
std::string Printable(std::string_view key) {
  std::string shown(key.substr(0, 64));
  std::ranges::replace_if(
      shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

}  // namespace

void RequireValidKey(std::string_view key) {
  const std::string problem = KeyProblem(key);
  if (!problem.empty()) throw Error(ErrorKind::kUsage, fmt::format("object key \"{}\" {}", Printable(key), problem));
}

void RequireValidPrefix(std::string_view prefix) {
  if (prefix.empty()) return;
  if (!prefix.ends_with('/')) {
    throw Error(ErrorKind::kUsage, fmt::format("prefix \"{}\" does not end in '/'", Printable(prefix)));
  }
  RequireValidKey(prefix.substr(0, prefix.size() - 1));
}

std::vector<ObjectInfo> ListAll(ObjectStore& store, const std::string& prefix, std::stop_token stop) {
  std::vector<ObjectInfo> objects;
  store.List(
      prefix, [&objects](const ObjectInfo& object) { objects.push_back(object); }, std::move(stop));
  return objects;
}

}  // namespace cofre::storage
