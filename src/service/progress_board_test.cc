#include "service/progress_board.h"

#include <gtest/gtest.h>

#include <atomic>

namespace cofre::service {
namespace {

TEST(ProgressBoardTest, AJobIsThereWhileItsEntryLivesAndIsMeasuredWhenItIsRead) {
  ProgressBoard board;
  std::atomic<uint64_t> bytes{0};
  {
    const ProgressBoard::Entry entry(board, 7, [&] { return JobProgress{.bytes = bytes, .expected_bytes = 1000}; });
    EXPECT_EQ(board.Find(7)->bytes, 0U);
    bytes = 250;
    EXPECT_EQ(board.Find(7)->bytes, 250U);
    EXPECT_EQ(board.Find(7)->percent(), 25);
    EXPECT_FALSE(board.Find(8));
  }
  EXPECT_FALSE(board.Find(7));
}

TEST(ProgressBoardTest, NothingThatRunsIsAtAHundredPercent) {
  EXPECT_EQ((JobProgress{.bytes = 5000, .expected_bytes = 1000}.percent()), 99);
  EXPECT_EQ((JobProgress{.bytes = 1000, .expected_bytes = 1000}.percent()), 99);
  EXPECT_EQ((JobProgress{.bytes = 0, .expected_bytes = 1000}.percent()), 0);
  EXPECT_EQ((JobProgress{.bytes = 1000}.percent()), std::nullopt);
}

}  // namespace
}  // namespace cofre::service
