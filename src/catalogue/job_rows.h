#pragma once

// Jobs as rows of the table. Private to this folder.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/state.h"
#include "model/backup.h"

namespace cofre::catalogue {

int64_t ToNumber(TimePoint time);
std::optional<int64_t> ToNumber(std::optional<TimePoint> time);
std::optional<TimePoint> ToTime(std::optional<int64_t> number);

// What a server or a tool has said, as it is stored: UTF-8, cut at 4 KiB.
std::string StoredMessage(std::string_view text);

// "SELECT ... FROM jobs WHERE 1 = 1", to be completed.
class JobQuery {
 public:
  explicit JobQuery(soci::session& session);
  template <typename Value>
  void Where(const char* condition, const char* name, const Value& value) {
    statement_.Where(condition, name, value);
  }
  void Append(const char* sql) { statement_.Append(sql); }
  std::vector<Job> Read();

 private:
  Statement statement_;
};

// Gives it an id and stores it as it is.
int64_t InsertJob(soci::session& session, Job job);

// The next number of a row of `counters`. Not the engine's own numbering, which each engine does in its way, and which
// may give a number twice.
int64_t NextNumber(soci::session& session, const std::string& counter);

}  // namespace cofre::catalogue
