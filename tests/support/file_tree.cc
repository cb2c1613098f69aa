#include "tests/support/file_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/random.h"

namespace cofre::test {
namespace {

namespace fs = std::filesystem;

void SetTime(const fs::path& path, time_t seconds, long nanoseconds) {
  const timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
  utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Describe(const fs::path& path) {
  struct stat about {};
  if (lstat(path.c_str(), &about) != 0) return "missing";
  std::string what = "other";
  if (S_ISDIR(about.st_mode)) what = "folder";
  if (S_ISLNK(about.st_mode)) what = "link to " + fs::read_symlink(path).string();
  if (S_ISREG(about.st_mode)) {
    const std::string text = ReadText(path);
    what = fmt::format("file of {} bytes {}", text.size(), Sha256(AsBytes(text)).Hex().substr(0, 12));
  }
  const unsigned mode = S_ISLNK(about.st_mode) ? 0 : about.st_mode & 07777;
  return fmt::format("{}, mode {:o}, {}.{:09}", what, mode, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

}  // namespace

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

void MakeOddFolder(const std::string& folder) {
  const fs::path root(folder);
  fs::create_directories(root / "facturas 2026" / "empty");
  fs::path deep = root / "deep";
  for (int i = 0; i < 12; ++i) deep /= fmt::format("level {}", i);
  fs::create_directories(deep);
  WriteText(deep / "bottom.txt", "the bottom");
  WriteText(root / "empty", "");
  WriteText(root / "a name with blanks.pdf", "blanks");
  WriteText(root / "año \xC3\xB1 ÑANDÚ.xml", "utf-8");
  WriteText(root / "latin1 \xF1\xFF.txt", "no utf-8");
  WriteText(root / "quote\"back\\slash'.txt", "quotes");
  WriteText(root / "line\nbreak\ttab\x01.txt", "controls");
  WriteText(root / "<html>&amp;.txt", "go escapes these");
  WriteText(root /
                "no\xC2\xA0"
                "break \xE2\x80\xA8 \xF0\x9F\x98\x80.txt",
            "not printable, and an emoji");
  WriteText(root / "-rf", "looks like an option");
  Bytes noise(3 << 20);
  SeededRandom(7).Fill(noise);
  WriteText(root / "facturas 2026" / "large.bin", std::string(AsText(noise)));
  WriteText(root / "facturas 2026" / "private.key", "key");
  fs::permissions(root / "facturas 2026" / "private.key", fs::perms::owner_read);
  WriteText(root / "facturas 2026" / "run.sh", "#!/bin/sh\n");
  chmod((root / "facturas 2026" / "run.sh").c_str(), 0751);
  fs::create_hard_link(root / "facturas 2026" / "run.sh", root / "second name");
  fs::create_symlink("facturas 2026/large.bin", root / "link");
  fs::create_symlink("/nowhere/at \xC3\xB1 all", root / "dangling");
  fs::create_symlink("deep", root / "link to folder");
  fs::create_directory(root / "read only");
  WriteText(root / "read only" / "inside.txt", "inside");
  SetTime(root / "a name with blanks.pdf", 1'000'000'000, 123'456'789);
  SetTime(root / "empty", -1'000'000, 0);
  SetTime(root / "link", 1'111'111'111, 500'000'000);
  SetTime(root / "facturas 2026", 1'222'222'222, 0);
  chmod((root / "read only").c_str(), 0555);
  chmod(folder.c_str(), 01750);
  SetTime(root, 1'333'333'333, 1);
}

std::map<std::string, std::string> DescribeTree(const std::string& folder) {
  std::map<std::string, std::string> entries{{".", Describe(folder)}};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    entries[entry.path().lexically_relative(folder).string()] = Describe(entry.path());
  }
  return entries;
}

}  // namespace cofre::test
