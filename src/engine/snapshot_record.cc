#include "engine/snapshot_record.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace cofre::engine {
namespace {

std::optional<std::string_view> TagValue(const repository::Snapshot& snapshot, std::string_view name) {
  for (const std::string& tag : snapshot.tags) {
    if (tag.size() > name.size() && tag.starts_with(name) && tag[name.size()] == '=') {
      return std::string_view(tag).substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// Parsers of what people type throw; what somebody wrote into a snapshot only counts or doesn't.
template <typename Parse>
auto Tolerant(Parse parse, std::string_view text) -> std::optional<decltype(parse(text))> {
  try {
    return parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::string_view> TakeSegment(std::string_view& path) {
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  if (segment.empty()) return std::nullopt;
  return segment;
}

}  // namespace

std::vector<std::string> SnapshotTags(const SnapshotRecord& record) {
  std::vector<std::string> tags{
      fmt::format("year={}", record.fiscal_year),
      fmt::format("engine={}", EngineName(record.engine)),
      fmt::format("kind={}", JobReasonName(record.reason)),
      fmt::format("blob={}", record.average_blob_bytes),
  };
  if (record.method != DumpMethod::kLogical) tags.push_back(fmt::format("method={}", DumpMethodName(record.method)));
  if (record.pinned_until) tags.push_back("pinned=" + FormatTime(*record.pinned_until));
  return tags;
}

std::string SnapshotPath(const std::string& company, int fiscal_year, const std::string& dump_name) {
  return fmt::format("/{}/{}/{}", company, fiscal_year, dump_name);
}

std::optional<RecordedSnapshot> ReadSnapshot(const repository::Snapshot& snapshot) {
  if (snapshot.paths.size() != 1) return std::nullopt;
  std::string_view rest = snapshot.paths[0];
  const auto company = TakeSegment(rest);
  const auto year_segment = TakeSegment(rest);
  const auto dump = TakeSegment(rest);
  if (!company || !year_segment || !dump || !rest.empty()) return std::nullopt;

  const auto id = Tolerant([](std::string_view text) { return ParseCompanyId(text); }, *company);
  auto year = Tolerant([](std::string_view text) { return ParseFiscalYear(text); }, *year_segment);
  if (const auto tag = TagValue(snapshot, "year")) {
    if (const auto tagged = Tolerant([](std::string_view text) { return ParseFiscalYear(text); }, *tag)) year = tagged;
  }
  if (!id || *id != *company || !year) return std::nullopt;

  RecordedSnapshot recorded;
  if (const auto tag = TagValue(snapshot, "engine")) {
    recorded.engine = Tolerant([](std::string_view text) { return ParseEngine(text); }, *tag);
  }
  if (const auto tag = TagValue(snapshot, "blob")) {
    std::from_chars(tag->data(), tag->data() + tag->size(), recorded.average_blob_bytes);
  }
  Backup& backup = recorded.backup;
  if (const auto tag = TagValue(snapshot, "pinned")) backup.pinned_until = ParseTime(*tag);
  backup.snapshot_id = snapshot.id.Hex();
  backup.company = *id;
  backup.fiscal_year = *year;
  backup.time = snapshot.time;
  backup.path = snapshot.paths[0];
  backup.dump_bytes = snapshot.summary.total_bytes_processed;
  backup.new_bytes = snapshot.summary.data_added;
  backup.stored_bytes = snapshot.summary.data_added_packed;
  backup.elapsed = snapshot.summary.backup_end - snapshot.summary.backup_start;
  // A snapshot is written once every object that it needs was found (repository::WriteBackup).
  backup.complete_at = backup.time + backup.elapsed;
  return recorded;
}

}  // namespace cofre::engine
