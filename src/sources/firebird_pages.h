#pragma once

// How many pages a Firebird database must have, read from its own pages as they go by: from the header the page's size,
// from every page inventory how much of its stretch is in use.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cofre::sources {

// Of Firebird 2.5 to 5 (on-disk structure 11 to 13). Memory: one page.
class FirebirdPages {
 public:
  // The next bytes of the file.
  void Take(ByteView data);

  // Throws corrupt, naming `what` and why, unless all that came are whole pages of a database, and as many as its
  // inventories say are in use.
  void RequireWhole(std::string_view what) const;

 private:
  void TakePage();
  bool IsInventory() const;

  Bytes page_;  // of what has come, from the last page's beginning on; only pages that are looked at
  uint64_t bytes_ = 0;
  size_t page_size_ = 0;  // 0: not known yet
  uint16_t structure_ = 0;
  uint64_t pages_per_inventory_ = 0;
  uint64_t pages_in_use_ = 0;
  std::string problem_;
};

}  // namespace cofre::sources
