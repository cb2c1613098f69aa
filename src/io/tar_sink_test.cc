#include "io/tar_sink.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "io/child_process.h"
#include "tests/support/file_tree.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::io {
namespace {

constexpr TimePoint kTime{std::chrono::seconds(1'600'000'000)};

FolderEntry Folder(const std::string& name) {
  return {.name = name, .type = EntryType::kFolder, .mode = 0755, .modified = kTime};
}
FolderEntry File(const std::string& name, uint64_t size) {
  return {.name = name, .mode = 0640, .modified = kTime, .size = size};
}
FolderEntry Link(const std::string& name, const std::string& target) {
  return {.name = name, .type = EntryType::kLink, .mode = 0777, .modified = kTime, .target = target};
}

// Names of every kind, and a path longer than a header's field.
void Give(FolderSink& sink) {
  const auto file = [&](const std::string& name, const std::string& text) {
    sink.BeginFile(File(name, text.size()));
    sink.Write(AsBytes(text));
    sink.EndFile();
  };
  sink.EnterFolder(Folder("not used"));
  file("a", "text of a");
  file("empty", "");
  file("año.txt", "utf-8");
  file("latin1 \xF1", "no utf-8");
  file("block", std::string(512, 'x'));
  sink.AddLink(Link("link", "a"));
  sink.AddLink(Link("long link", std::string(150, 't')));
  sink.EnterFolder(Folder(std::string(120, 'd')));
  file("deep", "deep");
  sink.LeaveFolder();
  sink.LeaveFolder();
  sink.Finish();
}

TEST(TarSinkTest, TheInstalledTarTakesItApart) {
  const test::TemporaryFolder folder;
  test::BufferSink archive;
  TarSink sink(archive, "adjuntos");
  Give(sink);
  EXPECT_TRUE(archive.finished());
  const ProcessEnd end = RunProgram({{"tar", "-x", "-C", folder.path().string()}, {}}, archive.text(),
                                    {std::chrono::minutes(1), std::chrono::minutes(1)}, SystemClock(), {});
  EXPECT_TRUE(end.ok()) << end.errors;
  const std::string root = folder.File("adjuntos");
  EXPECT_EQ(ReadFile(root + "/a", 100), "text of a");
  EXPECT_EQ(ReadFile(root + "/empty", 100), "");
  EXPECT_EQ(ReadFile(root + "/año.txt", 100), "utf-8");
  EXPECT_EQ(ReadFile(root + "/latin1 \xF1", 100), "no utf-8");
  EXPECT_EQ(ReadFile(root + "/" + std::string(120, 'd') + "/deep", 100), "deep");
  EXPECT_EQ(std::filesystem::read_symlink(root + "/link"), "a");
  EXPECT_EQ(std::filesystem::read_symlink(root + "/long link"), std::string(150, 't'));
  EXPECT_EQ(test::DescribeTree(root).size(), 10U);
  EXPECT_NE(test::DescribeTree(root).at("a").find("mode 640, 1600000000.0"), std::string::npos);
}

TEST(TarSinkTest, ItsLengthIsKnownBefore) {
  test::BufferSink archive;
  TarSink sink(archive, "adjuntos");
  Give(sink);
  TarSize size("adjuntos");
  Give(size);
  EXPECT_EQ(size.bytes(), archive.content().size());
  EXPECT_EQ(size.bytes() % 512, 0U);
}

TEST(TarSinkTest, WhatNoFieldHoldsIsSaidBefore) {
  test::BufferSink archive;
  TarSink sink(archive, "x");
  FolderEntry huge = File("huge", uint64_t{1} << 40);
  huge.uid = 4'000'000'000;
  huge.modified = TimePoint(std::chrono::seconds(-5));
  sink.EnterFolder(Folder(""));
  sink.BeginFile(huge);
  EXPECT_NE(archive.text().find("22 size=1099511627776\n"), std::string::npos);
  EXPECT_NE(archive.text().find("18 uid=4000000000\n"), std::string::npos);
  EXPECT_NE(archive.text().find("12 mtime=-5\n"), std::string::npos);
}

}  // namespace
}  // namespace cofre::io
