#include "repository/index/index_file.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

constexpr std::string_view kOpening = "{\"packs\":[";

uint32_t ReadSize(JsonReader& reader) {
  const uint64_t value = reader.Unsigned();
  if (value > std::numeric_limits<uint32_t>::max()) reader.Fail("an offset or length beyond 4 GiB");
  return static_cast<uint32_t>(value);
}

BlobType ReadType(JsonReader& reader) {
  const std::string_view type = reader.String();
  if (type == "data") return BlobType::kData;
  if (type == "tree") return BlobType::kTree;
  reader.Fail("an unknown blob type");
}

PackedBlob ReadBlob(JsonReader& reader) {
  PackedBlob blob;
  bool has_id = false;
  bool has_type = false;
  reader.Object([&](std::string_view key) {
    if (key == "id") {
      blob.id = reader.Id();
      has_id = true;
    } else if (key == "type") {
      blob.type = ReadType(reader);
      has_type = true;
    } else if (key == "offset") {
      blob.offset = ReadSize(reader);
    } else if (key == "length") {
      blob.length = ReadSize(reader);
    } else if (key == "uncompressed_length") {
      blob.uncompressed_length = ReadSize(reader);
    } else {
      reader.Skip();
    }
  });
  if (!has_id || !has_type) reader.Fail("a blob without id or type");
  if (blob.length < kSealOverhead) reader.Fail("a blob shorter than its seal");
  if (uint64_t{blob.offset} + blob.length > std::numeric_limits<uint32_t>::max()) reader.Fail("a blob beyond 4 GiB");
  return blob;
}

// Returns the pack's id; its blobs go to `blobs`, whose memory is used again.
Digest ReadPack(JsonReader& reader, std::vector<PackedBlob>& blobs) {
  Digest id;
  bool has_id = false;
  blobs.clear();
  reader.Object([&](std::string_view key) {
    if (key == "id") {
      id = reader.Id();
      has_id = true;
    } else if (key == "blobs") {
      if (reader.Null()) return;
      reader.Array([&] {
        if (blobs.size() >= kMaxHeaderBytes / kRawEntryBytes) reader.Fail("a pack of more blobs than one can hold");
        blobs.push_back(ReadBlob(reader));
      });
    } else {
      reader.Skip();
    }
  });
  if (!has_id) reader.Fail("a pack without id");
  return id;
}

}  // namespace

IndexWriter::IndexWriter() : json_(kOpening) {}

void IndexWriter::AddPack(const Digest& pack, std::span<const PackedBlob> blobs) {
  json_ += packs_ == 0 ? "{\"id\":" : ",{\"id\":";
  AppendJsonId(json_, pack);
  json_ += ",\"blobs\":[";
  for (const PackedBlob& blob : blobs) {
    json_ += &blob == blobs.data() ? "{\"id\":" : ",{\"id\":";
    AppendJsonId(json_, blob.id);
    json_ += blob.type == BlobType::kTree ? ",\"type\":\"tree\",\"offset\":" : ",\"type\":\"data\",\"offset\":";
    AppendJsonNumber(json_, blob.offset);
    json_ += ",\"length\":";
    AppendJsonNumber(json_, blob.length);
    if (blob.compressed()) {
      json_ += ",\"uncompressed_length\":";
      AppendJsonNumber(json_, blob.uncompressed_length);
    }
    json_.push_back('}');
  }
  json_ += "]}";
  ++packs_;
  blobs_ += blobs.size();
}

std::string IndexWriter::Finish() {
  json_ += "]}";
  packs_ = 0;
  blobs_ = 0;
  return std::exchange(json_, std::string(kOpening));
}

void ParseIndex(ByteView json,
                const std::function<void(const Digest& pack, std::span<const PackedBlob> blobs)>& visit) {
  JsonReader reader(json, "index file");
  std::vector<PackedBlob> blobs;
  bool has_packs = false;
  reader.Object([&](std::string_view key) {
    if (key != "packs") {
      reader.Skip();
      return;
    }
    has_packs = true;
    if (reader.Null()) return;
    reader.Array([&] {
      const Digest pack = ReadPack(reader, blobs);
      visit(pack, blobs);
    });
  });
  reader.End();
  if (!has_packs) reader.Fail("it has no packs");
}

}  // namespace cofre::repository
