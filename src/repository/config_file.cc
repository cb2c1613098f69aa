#include "repository/config_file.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"
#include "repository/polynomial.h"

namespace cofre::repository {

RepositoryConfig RandomConfig(Random& random) {
  RepositoryConfig config;
  Digest id;
  random.Fill(id.bytes);
  config.id = id.Hex();
  config.chunker_polynomial = fmt::format("{:x}", RandomIrreduciblePolynomial(random));
  return config;
}

std::string ConfigToJson(const RepositoryConfig& config) {
  std::string json = R"({"version":)";
  AppendJsonNumber(json, config.version);
  json += R"(,"id":)";
  AppendJsonString(json, config.id);
  json += R"(,"chunker_polynomial":)";
  AppendJsonString(json, config.chunker_polynomial);
  json.push_back('}');
  return json;
}

RepositoryConfig ConfigFromJson(ByteView json) {
  JsonReader reader(json, "config");
  RepositoryConfig config;
  uint64_t version = 0;
  reader.Object([&](std::string_view key) {
    if (key == "version") {
      version = reader.Unsigned();
    } else if (key == "id") {
      config.id = reader.String();
    } else if (key == "chunker_polynomial") {
      config.chunker_polynomial = reader.String();
    } else {
      reader.Skip();
    }
  });
  reader.End();
  if (version != 2) {
    throw Error(
        ErrorKind::kUsage, "the repository has format version " + std::to_string(version) + ", not 2",
        version == 1 ? "run `restic migrate upgrade_repo_v2` on it" : "a newer program has written it: update cofre");
  }
  if (!Digest::FromHex(config.id)) reader.Fail("its id is not 64 hexadecimal digits");
  uint64_t polynomial = 0;
  const std::string& hex = config.chunker_polynomial;
  const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), polynomial, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != hex.data() + hex.size() || !IsIrreducible(polynomial)) {
    reader.Fail("its chunker polynomial is not irreducible");
  }
  config.version = static_cast<uint32_t>(version);
  return config;
}

}  // namespace cofre::repository
