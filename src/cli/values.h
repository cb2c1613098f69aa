#pragma once

// Values as typed on the command line, where model/ has no parser of its own.

#include <cstdint>
#include <string>
#include <string_view>

#include "catalogue/catalogue.h"
#include "model/backup.h"
#include "planner/local_time.h"

namespace cofre::cli {

// A whole number from `least` to `most`; throws kind usage that names `what`.
uint64_t ParseNumber(std::string_view text, std::string_view what, uint64_t least, uint64_t most);

// "0.05" or "5%".
double ParseShare(std::string_view text, std::string_view what);

// "01:00" (the next one after `now`), "2026-12-31 23:30", both in `zone`, or RFC 3339. Throws kind usage.
TimePoint ParseMoment(std::string_view text, const planner::TimeZone& zone, TimePoint now);

// What lies behind: "90m", "24h", "7d" before `now`, or a day or time as above ("2026-11-24": its beginning). Throws
// kind usage, also for what has not come.
TimePoint ParseSince(std::string_view text, const planner::TimeZone& zone, TimePoint now);

// A backup by its id or the beginning of it, or the newest one of "COMPANY/YEAR". Throws not_found and usage.
Backup FindBackup(catalogue::Catalogue& catalogue, const std::string& text);

// A relative path means the folder where the command was given; what is kept must mean the same one later. Empty stays.
std::string AbsolutePath(const std::string& path);

// The first digits of an id, enough for people.
std::string ShortId(const std::string& snapshot_id);

// "2.3 s".
std::string FormatSeconds(Duration elapsed);

}  // namespace cofre::cli
