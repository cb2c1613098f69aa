#include "sources/firebird_pages.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace cofre::sources {
namespace {

// ods.h; numbers as x86 and ARM write them, which is where Firebird runs.
constexpr size_t kSmallestPage = 1024;
constexpr size_t kLargestPage = 32768;
constexpr uint8_t kHeaderPage = 1;
constexpr uint8_t kInventoryPage = 2;
constexpr size_t kPageSizeAt = 16;
constexpr size_t kStructureAt = 18;
constexpr uint16_t kFirebirdFlag = 0x8000;
// From 12 on an inventory counts its pages in use; in 11 they are the bits that are not set.
constexpr uint16_t kCounting = 12;
constexpr size_t kUsedAt = 24;
constexpr size_t kBitsAt = 28;
constexpr size_t kBitsAtOld = 20;

uint32_t Number(const Bytes& page, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = 0; i < size; ++i) number |= uint32_t{page[at + i]} << (8 * i);
  return number;
}

}  // namespace

bool FirebirdPages::IsInventory() const {
  const uint64_t number = bytes_ / page_size_;
  return number == 1 || (number + 1) % pages_per_inventory_ == 0;
}

void FirebirdPages::Take(ByteView data) {
  while (!data.empty() && problem_.empty()) {
    // Until the header has come, a page is as much of it as is needed.
    const size_t size = page_size_ == 0 ? kSmallestPage : page_size_;
    const size_t in_page = page_size_ == 0 ? bytes_ : bytes_ % page_size_;
    const size_t taken = std::min(data.size(), size - in_page);
    const bool wanted = page_size_ == 0 || IsInventory();
    if (wanted) page_.insert(page_.end(), data.begin(), data.begin() + static_cast<ptrdiff_t>(taken));
    if (wanted && page_.size() == size) {
      TakePage();
      page_.clear();
    }
    bytes_ += taken;
    data = data.subspan(taken);
  }
  bytes_ += data.size();
}

void FirebirdPages::TakePage() {
  if (page_size_ == 0) {
    const size_t page_size = Number(page_, kPageSizeAt, 2);
    structure_ = static_cast<uint16_t>(Number(page_, kStructureAt, 2) & ~uint32_t{kFirebirdFlag});
    if (page_[0] != kHeaderPage || !std::has_single_bit(page_size) || page_size < kSmallestPage ||
        page_size > kLargestPage) {
      problem_ = "it does not begin as a Firebird database does";
      return;
    }
    page_size_ = page_size;
    pages_per_inventory_ = (page_size - (structure_ >= kCounting ? kBitsAt : kBitsAtOld)) * 8;
    return;
  }
  const uint64_t number = bytes_ / page_size_;
  if (page_[0] != kInventoryPage) {
    problem_ = fmt::format("its page {} is no page inventory", number);
    return;
  }
  uint64_t used = 0;
  if (structure_ >= kCounting) {
    used = Number(page_, kUsedAt, 4);
  } else {
    for (size_t bit = 0; bit < pages_per_inventory_; ++bit) {
      if ((page_[kBitsAtOld + bit / 8] >> (bit % 8) & 1) == 0) used = bit + 1;
    }
  }
  // The first one is page 1; each of the others is the last page of the stretch before its own.
  const uint64_t stretch = number == 1 ? 0 : (number + 1) / pages_per_inventory_;
  pages_in_use_ = std::max(pages_in_use_, stretch * pages_per_inventory_ + std::min(used, pages_per_inventory_));
}

void FirebirdPages::RequireWhole(std::string_view what) const {
  std::string problem = problem_;
  if (problem.empty() && page_size_ == 0) problem = fmt::format("it has {} bytes", bytes_);
  if (problem.empty() && pages_in_use_ == 0) problem = "it has no page inventory";
  if (problem.empty() && bytes_ % page_size_ != 0) {
    problem = fmt::format("its {} bytes are not whole pages of {}", bytes_, page_size_);
  }
  if (problem.empty() && bytes_ / page_size_ < pages_in_use_) {
    problem = fmt::format("{} of its {} pages came", bytes_ / page_size_, pages_in_use_);
  }
  if (problem.empty()) return;
  throw Error(ErrorKind::kCorrupt, fmt::format("the copy of {} is not whole: {}", what, problem),
              "run it again; if it stays so, run nbackup by hand and look at what it says");
}

}  // namespace cofre::sources
