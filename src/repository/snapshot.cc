#include "repository/snapshot.h"

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

void AppendStrings(std::string& json, const std::vector<std::string>& strings) {
  json.push_back('[');
  for (const std::string& text : strings) {
    if (&text != strings.data()) json.push_back(',');
    AppendJsonString(json, text);
  }
  json.push_back(']');
}

void AppendMember(std::string& json, std::string_view key, const std::string& value) {
  json += ",\"";
  json += key;
  json += "\":";
  AppendJsonString(json, value);
}

void AppendMember(std::string& json, std::string_view key, uint64_t value) {
  json += ",\"";
  json += key;
  json += "\":";
  AppendJsonNumber(json, value);
}

void AppendSummary(std::string& json, const SnapshotSummary& summary) {
  json += R"(,"summary":{"backup_start":)";
  AppendJsonString(json, FormatTime(summary.backup_start));
  AppendMember(json, "backup_end", FormatTime(summary.backup_end));
  AppendMember(json, "files_new", summary.files_new);
  AppendMember(json, "files_changed", uint64_t{0});
  AppendMember(json, "files_unmodified", summary.files_unmodified);
  // Folders are not counted.
  for (const char* count : {"dirs_new", "dirs_changed", "dirs_unmodified"}) AppendMember(json, count, uint64_t{0});
  AppendMember(json, "data_blobs", summary.data_blobs);
  AppendMember(json, "tree_blobs", summary.tree_blobs);
  AppendMember(json, "data_added", summary.data_added);
  AppendMember(json, "data_added_packed", summary.data_added_packed);
  AppendMember(json, "total_files_processed", summary.files_new + summary.files_unmodified);
  AppendMember(json, "total_bytes_processed", summary.total_bytes_processed);
  json.push_back('}');
}

TimePoint ReadTime(JsonReader& reader) {
  const auto time = ParseTime(reader.String());
  if (!time) reader.Fail("a time that is none");
  return *time;
}

SnapshotSummary ReadSummary(JsonReader& reader) {
  SnapshotSummary summary;
  reader.Object([&](std::string_view key) {
    if (key == "backup_start") {
      summary.backup_start = ReadTime(reader);
    } else if (key == "backup_end") {
      summary.backup_end = ReadTime(reader);
    } else if (key == "files_new") {
      summary.files_new = reader.Unsigned();
    } else if (key == "files_unmodified") {
      summary.files_unmodified = reader.Unsigned();
    } else if (key == "tree_blobs") {
      summary.tree_blobs = reader.Unsigned();
    } else if (key == "data_blobs") {
      summary.data_blobs = reader.Unsigned();
    } else if (key == "data_added") {
      summary.data_added = reader.Unsigned();
    } else if (key == "data_added_packed") {
      summary.data_added_packed = reader.Unsigned();
    } else if (key == "total_bytes_processed") {
      summary.total_bytes_processed = reader.Unsigned();
    } else {
      reader.Skip();
    }
  });
  return summary;
}

}  // namespace

std::string SnapshotToJson(const Snapshot& snapshot) {
  std::string json = R"({"time":)";
  AppendJsonString(json, FormatTime(snapshot.time));
  json += R"(,"tree":)";
  AppendJsonId(json, snapshot.tree);
  json += R"(,"paths":)";
  AppendStrings(json, snapshot.paths);
  if (!snapshot.hostname.empty()) AppendMember(json, "hostname", snapshot.hostname);
  if (!snapshot.username.empty()) AppendMember(json, "username", snapshot.username);
  if (!snapshot.tags.empty()) {
    json += R"(,"tags":)";
    AppendStrings(json, snapshot.tags);
  }
  if (!snapshot.program_version.empty()) AppendMember(json, "program_version", snapshot.program_version);
  if (snapshot.has_summary) AppendSummary(json, snapshot.summary);
  json.push_back('}');
  return json;
}

Snapshot SnapshotFromJson(ByteView json) {
  JsonReader reader(json, "snapshot");
  Snapshot snapshot;
  bool has_time = false;
  bool has_tree = false;
  reader.Object([&](std::string_view key) {
    if (key == "time") {
      snapshot.time = ReadTime(reader);
      has_time = true;
    } else if (key == "tree") {
      snapshot.tree = reader.Id();
      has_tree = true;
    } else if (key == "paths") {
      snapshot.paths = reader.Strings();
    } else if (key == "hostname") {
      snapshot.hostname = reader.String();
    } else if (key == "username") {
      snapshot.username = reader.String();
    } else if (key == "tags") {
      snapshot.tags = reader.Strings();
    } else if (key == "program_version") {
      snapshot.program_version = reader.String();
    } else if (key == "summary" && !reader.Null()) {
      snapshot.summary = ReadSummary(reader);
      snapshot.has_summary = true;
    } else if (key != "summary") {
      reader.Skip();
    }
  });
  reader.End();
  if (!has_time) reader.Fail("it has no time");
  if (!has_tree) reader.Fail("it has no tree");
  return snapshot;
}

}  // namespace cofre::repository
