#include "sources/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using testing::HasSubstr;

std::unique_ptr<Source> Make(std::vector<std::string> command, Limits limits = {}) {
  return MakeCommandSource(std::move(command), limits, SystemClock());
}

TEST(CommandSourceTest, GivesTheOutputOfAProgramThatEndsWell) {
  EXPECT_EQ(test::ReadAll(*Make({"printf", "%s", "a b; $HOME"})->Dump({})), "a b; $HOME");
  EXPECT_EQ(test::ReadAll(*Make({"true"})->Dump({})), "");
}

TEST(CommandSourceTest, FailsAfterTheBytesOfAProgramThatEndsBadly) {
  const auto dump = Make({"sh", "-c", "echo half; echo 'no such table' >&2; exit 4"})->Dump({});
  Bytes buffer(100);
  EXPECT_EQ(dump->Read(buffer), 5U);
  EXPECT_ERROR(dump->Read(buffer), ErrorKind::kPermanent, HasSubstr("sh: exit status 4: no such table"));
  EXPECT_ERROR(dump->Read(buffer), ErrorKind::kPermanent, HasSubstr("ended already"));
}

TEST(CommandSourceTest, AKilledProgramIsWorthAnotherTry) {
  EXPECT_ERROR(test::ReadAll(*Make({"sh", "-c", "echo half; kill -9 $$"})->Dump({})), ErrorKind::kTransient,
               HasSubstr("signal 9"));
}

TEST(CommandSourceTest, ProbeLooksForTheProgram) {
  EXPECT_ERROR(Make({"no-such-program-here"})->Probe({}), ErrorKind::kPermanent, HasSubstr("no-such-program-here"));
  EXPECT_ERROR(Make({"no-such-program-here"})->Dump({}), ErrorKind::kPermanent, HasSubstr("no-such-program-here"));
  EXPECT_NO_THROW(Make({"true"})->Probe({}));
  EXPECT_ERROR(Make({}), ErrorKind::kUsage, HasSubstr("empty"));
}

TEST(CommandSourceTest, ItsRestoreIsAFile) {
  const test::TemporaryFolder folder;
  const auto source = Make({"/usr/bin/printf", "x"});
  EXPECT_EQ(source->DumpName(), "printf.dump");
  test::WriteAll(*source->Restore(folder.File("out"), false, {}), "content");
  EXPECT_EQ(ReadFile(folder.File("out"), 100), "content");
  EXPECT_ERROR(source->Restore(folder.File("out"), false, {}), ErrorKind::kUsage, HasSubstr("exists"));
}

}  // namespace
}  // namespace cofre::sources
