#include "repository/locks/lock_record.h"

#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

using std::chrono::minutes;

std::string OwnHostname(const Environment& environment) { return "cofre@" + environment.hostname; }

}  // namespace

std::string LockToJson(const LockRecord& record) {
  std::string json = R"({"time":)";
  AppendJsonString(json, FormatTime(record.time));
  json += record.exclusive ? R"(,"exclusive":true,"hostname":)" : R"(,"exclusive":false,"hostname":)";
  AppendJsonString(json, record.hostname);
  json += R"(,"username":)";
  AppendJsonString(json, record.username);
  json += R"(,"pid":)";
  AppendJsonNumber(json, record.process_id);
  json.push_back('}');
  return json;
}

LockRecord LockFromJson(ByteView json) {
  JsonReader reader(json, "lock");
  LockRecord record;
  bool has_time = false;
  reader.Object([&](std::string_view key) {
    if (key == "time") {
      const auto time = ParseTime(reader.String());
      if (!time) reader.Fail("a time that is none");
      record.time = *time;
      has_time = true;
    } else if (key == "exclusive") {
      record.exclusive = reader.Boolean();
    } else if (key == "hostname") {
      record.hostname = reader.String();
    } else if (key == "username") {
      record.username = reader.String();
    } else if (key == "pid") {
      record.process_id = reader.Unsigned();
    } else {
      reader.Skip();
    }
  });
  reader.End();
  if (!has_time) reader.Fail("it has no time");
  return record;
}

LockRecord OwnLockRecord(const Environment& environment, bool exclusive) {
  return {environment.clock->Now(), exclusive, OwnHostname(environment), environment.process_identity,
          static_cast<uint64_t>(environment.process_id)};
}

bool IsStale(const LockRecord& record, const Environment& environment) {
  constexpr minutes kStaleAfter(30);
  if (environment.clock->Now() - record.time > kStaleAfter) return true;
  return record.hostname == OwnHostname(environment) && environment.has_ended && environment.has_ended(record.username);
}

}  // namespace cofre::repository
