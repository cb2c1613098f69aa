#pragma once

// A right to download one backup without signing in, for whoever has its URL. Values only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cofre {

enum class DownloadForm : uint8_t {
  kDump,      // as its engine gave it: .fbk
  kDatabase,  // restored on the server, ready to be opened
};
std::string_view DownloadFormName(DownloadForm form);   // "dump", "database"
DownloadForm ParseDownloadForm(std::string_view name);  // throws kind usage and names the known ones

struct DownloadLink {
  int64_t id = 0;    // given by the catalogue
  std::string hash;  // SHA-256 of what its URL holds, in hexadecimal; that itself stands nowhere
  std::string company;
  int fiscal_year = 0;
  std::string snapshot_id;
  TimePoint backup_time{};
  DownloadForm form = DownloadForm::kDump;
  std::string user;  // who made it: it is of use while he may
  TimePoint created{};
  TimePoint expires{};
  int most_uses = 1;
  int uses = 0;
  std::optional<TimePoint> used;     // last
  std::optional<TimePoint> revoked;  // since then it is of no use
  std::string mail;                  // to whom it was sent; empty: it was shown
  std::string mail_state;            // "pending", "sent", "failed"
  std::string mail_problem;

  bool operator==(const DownloadLink&) const = default;
};

// "active", "revoked", "expired", "used_up".
std::string_view LinkState(const DownloadLink& link, TimePoint now);

}  // namespace cofre
