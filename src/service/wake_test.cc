#include "service/wake.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

bool IsReadable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

TEST(WakeTest, ACallIsHeardByTheOneThatListens) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(Wake(folder.File("")));
  {
    const WakeSocket socket(folder.File(""));
    EXPECT_FALSE(IsReadable(socket.descriptor()));
    EXPECT_TRUE(Wake(folder.File("")));
    EXPECT_TRUE(IsReadable(socket.descriptor()));
  }
  EXPECT_FALSE(Wake(folder.File("")));
}

TEST(WakeTest, ALongPathIsNoHindrance) {
  const test::TemporaryFolder folder;
  const std::string deep = folder.File(std::string(150, 'd'));
  std::filesystem::create_directory(deep);
  const WakeSocket socket(deep);
  EXPECT_TRUE(Wake(deep));
  EXPECT_TRUE(IsReadable(socket.descriptor()));
}

TEST(WakeTest, ManyCallsDoNotBlock) {
  const test::TemporaryFolder folder;
  const WakeSocket socket(folder.File(""));
  for (int i = 0; i < 2000; ++i) EXPECT_TRUE(Wake(folder.File("")));
}

TEST(WakeTest, AMissingFolderIsSaid) {
  const test::TemporaryFolder folder;
  EXPECT_FALSE(Wake(folder.File("nowhere")));
  EXPECT_ERROR(WakeSocket(folder.File("nowhere")), ErrorKind::kNotFound,
               AllOf(HasSubstr("nowhere"), HasSubstr("directorio_estado")));
}

}  // namespace
}  // namespace cofre::service
