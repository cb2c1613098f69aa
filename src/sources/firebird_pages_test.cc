#include "sources/firebird_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"

namespace cofre::sources {
namespace {

using testing::HasSubstr;

constexpr size_t kPage = 1024;
constexpr size_t kPerInventory = (kPage - 28) * 8;  // 7,968 pages

void Put(Bytes& file, size_t at, uint32_t number, size_t size) {
  for (size_t i = 0; i < size; ++i) file[at + i] = static_cast<uint8_t>(number >> (8 * i));
}

// A file of so many pages whose inventories say the same.
Bytes MakeFile(size_t pages, uint16_t structure = 0x800C) {
  Bytes file(pages * kPage);
  file[0] = 1;
  Put(file, 16, kPage, 2);
  Put(file, 18, structure, 2);
  for (size_t stretch = 0; stretch * kPerInventory < pages; ++stretch) {
    const size_t at = (stretch == 0 ? 1 : stretch * kPerInventory - 1) * kPage;
    file[at] = 2;
    Put(file, at + 24, static_cast<uint32_t>(std::min(pages - stretch * kPerInventory, kPerInventory)), 4);
  }
  return file;
}

void Look(ByteView file, size_t piece = 100'000) {
  FirebirdPages pages;
  for (; !file.empty(); file = file.subspan(std::min(piece, file.size())))
    pages.Take(file.first(std::min(piece, file.size())));
  pages.RequireWhole("/x.fdb");
}

TEST(FirebirdPagesTest, AWholeFileIsWholeHoweverItComes) {
  const Bytes file = MakeFile(100);
  for (const size_t piece : {size_t{1}, size_t{1000}, kPage, size_t{5000}, size_t{1'000'000}}) {
    EXPECT_NO_THROW(Look(file, piece)) << piece;
  }
}

TEST(FirebirdPagesTest, EachInventoryCountsItsOwnStretch) {
  const Bytes file = MakeFile(2 * kPerInventory + 100);
  EXPECT_NO_THROW(Look(file));
  const ByteView all(file);
  EXPECT_ERROR((Look(all.first(all.size() - kPage)), 0), ErrorKind::kCorrupt,
               HasSubstr("16035 of its 16036 pages came"));
}

TEST(FirebirdPagesTest, AFileThatEndsBeforeItsNextInventoryIsNotWhole) {
  const Bytes file = MakeFile(kPerInventory + 100);
  const ByteView all(file);
  EXPECT_ERROR((Look(all.first((kPerInventory - 1) * kPage)), 0), ErrorKind::kCorrupt,
               HasSubstr("7967 of its 7968 pages came"));
}

TEST(FirebirdPagesTest, HalfAPageIsNotWhole) {
  const Bytes file = MakeFile(100);
  EXPECT_ERROR((Look(ByteView(file).first(file.size() - 10)), 0), ErrorKind::kCorrupt, HasSubstr("not whole pages"));
}

TEST(FirebirdPagesTest, RoomThatTheFileHasInStockIsNoHarm) {
  Bytes file = MakeFile(100);
  file.resize(file.size() + 20 * kPage);
  EXPECT_NO_THROW(Look(file));
}

TEST(FirebirdPagesTest, FirebirdTwoCountsByItsBits) {
  Bytes file = MakeFile(100, 0x800B);
  std::fill(file.begin() + kPage + 20, file.begin() + 2 * kPage, uint8_t{0xFF});  // free
  for (size_t page = 0; page < 100; ++page) file[kPage + 20 + page / 8] &= static_cast<uint8_t>(~(1U << (page % 8)));
  EXPECT_NO_THROW(Look(file));
  EXPECT_ERROR((Look(ByteView(file).first(99 * kPage)), 0), ErrorKind::kCorrupt, HasSubstr("99 of its 100 pages came"));
}

TEST(FirebirdPagesTest, WhatIsNoDatabaseIsRefused) {
  EXPECT_ERROR((Look({}), 0), ErrorKind::kCorrupt, HasSubstr("0 bytes"));
  EXPECT_ERROR((Look(Bytes(10'000, 'x')), 0), ErrorKind::kCorrupt, HasSubstr("does not begin"));
  Bytes odd = MakeFile(100);
  Put(odd, 16, 3000, 2);
  EXPECT_ERROR((Look(odd), 0), ErrorKind::kCorrupt, HasSubstr("does not begin"));
  Bytes torn = MakeFile(100);
  torn[kPage] = 7;
  EXPECT_ERROR((Look(torn), 0), ErrorKind::kCorrupt, HasSubstr("page 1 is no page inventory"));
  EXPECT_ERROR((Look(ByteView(torn).first(kPage)), 0), ErrorKind::kCorrupt, HasSubstr("no page inventory"));
}

}  // namespace
}  // namespace cofre::sources
