// Our JSON reader against nlohmann's: each takes what the other takes, and reads the same strings and numbers from it.

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace {

using cofre::repository::JsonReader;

int DepthOf(const nlohmann::json& value) {
  int depth = 0;
  if (value.is_structured()) {
    for (const auto& element : value) depth = std::max(depth, DepthOf(element));
    ++depth;
  }
  return depth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const cofre::ByteView bytes(data, size);
  // Theirs takes a zero byte for the end.
  if (std::ranges::count(bytes, 0) != 0) return 0;
  const auto theirs = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  try {
    JsonReader reader(bytes, "input");
    reader.Skip();
    reader.End();
  } catch (const cofre::Error&) {
    // Ours ends at 32 levels; theirs takes a byte order mark.
    if (!theirs.is_discarded() && DepthOf(theirs) <= 32 && size > 0 && data[0] != 0xef) std::abort();
    return 0;
  }
  // Theirs refuses what is not UTF-8, lone surrogates and numbers beyond a double.
  if (theirs.is_discarded()) return 0;
  JsonReader reader(bytes, "input");
  if (theirs.is_string()) {
    if (reader.String() != theirs.get_ref<const std::string&>()) std::abort();
    std::string written;
    cofre::repository::AppendJsonString(written, theirs.get_ref<const std::string&>());
    if (nlohmann::json::parse(written) != theirs) std::abort();
  } else if (theirs.is_number_unsigned()) {
    try {
      if (reader.Unsigned() != theirs.get<uint64_t>()) std::abort();
    } catch (const cofre::Error&) {
      std::abort();
    }
  }
  return 0;
}
