#pragma once

// How much of a link may be used, and when: "20 MB/s", and other rates in parts of the local day. Values only; who
// holds to them is io/bandwidth.h.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/day_window.h"

namespace cofre {

struct BandwidthWindow : DayWindow {
  uint64_t bytes_per_second = 0;

  bool operator==(const BandwidthWindow&) const = default;
};

struct BandwidthLimit {
  uint64_t bytes_per_second = 0;         // outside of the windows; 0: no limit
  std::vector<BandwidthWindow> windows;  // no two have a minute in common

  // Bytes a second at that minute of the local day; 0: no limit.
  uint64_t At(std::chrono::minutes of_day) const;
  // Whether it limits at no time of the day.
  bool empty() const { return bytes_per_second == 0 && windows.empty(); }
  bool operator==(const BandwidthLimit&) const = default;
};

// "20 MB/s", "512 kB/s", "2.5 MiB/s", "100 Mbit/s": k, M and G are powers of 1,000, Ki, Mi and Gi of 1,024. Throws kind
// usage for anything else, for 0, and for what is below 10 kB/s or above 100 GB/s, which are slips of the pen.
uint64_t ParseBandwidth(std::string_view text);

// "07:00-19:00=2 MB/s, 19:00-07:00=20 MB/s"; empty text: none. `key` is the setting's name, for messages. Throws kind
// usage.
std::vector<BandwidthWindow> ParseBandwidthWindows(std::string_view text, std::string_view key);

// "20 MB/s"; 0: "no limit".
std::string FormatBandwidth(uint64_t bytes_per_second);

// "20 MB/s, 07:00-19:00 2 MB/s".
std::string FormatBandwidth(const BandwidthLimit& limit);

}  // namespace cofre
