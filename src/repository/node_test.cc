#include "repository/node.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

FolderEntry Entry(EntryType type) {
  FolderEntry entry;
  entry.name = "a \"b\"";
  entry.type = type;
  entry.mode = 04751;
  entry.modified = *ParseTime("2026-11-24T01:00:00.5Z");
  entry.changed = *ParseTime("2026-11-25T01:00:00Z");
  entry.uid = 1000;
  entry.gid = 33;
  entry.user = "ana";
  entry.inode = 77;
  entry.device = 5;
  return entry;
}

TEST(NodeTest, NamesAreQuotedAsGoDoesAndComeBack) {
  const std::pair<std::string, std::string> names[] = {
      {"plain name.txt", "plain name.txt"},
      {"a\"b\\c'd", R"(a\"b\\c'd)"},
      {"line\nbreak\ttab", R"(line\nbreak\ttab)"},
      {"\x01\x7f", R"(\x01\x7f)"},
      {"a\xC3\xB1o", "a\xC3\xB1o"},
      {"latin1 \xF1\xFF", R"(latin1 \xf1\xff)"},
      {"cut off \xE2\x82", R"(cut off \xe2\x82)"},
      {"no\xC2\xA0"
       "break",
       R"(no\u00a0break)"},
      {"\xE2\x80\x8B\xEF\xBB\xBF", R"(\u200b\ufeff)"},
      {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
      {"\xF3\xA0\x80\x81", R"(\U000e0001)"},
      {"\xEF\xBF\xBD", "\xEF\xBF\xBD"},
  };
  for (const auto& [name, quoted] : names) {
    EXPECT_EQ(QuoteName(name), quoted);
    EXPECT_EQ(UnquoteName(quoted), name);
  }
}

TEST(NodeTest, AnyBytesComeBack) {
  std::string name;
  for (int byte = 1; byte < 256; ++byte) name.push_back(static_cast<char>(byte));
  EXPECT_EQ(UnquoteName(QuoteName(name)), name);
}

TEST(NodeTest, AFileIsWrittenInResticsOrder) {
  FolderEntry entry = Entry(EntryType::kFile);
  entry.size = 3;
  std::string json;
  const Digest blob = Sha256(AsBytes("x"));
  AppendFileNode(json, entry, {&blob, 1});
  EXPECT_EQ(json, R"({"name":"a \\\"b\\\"","type":"file","mode":8389097,"mtime":"2026-11-24T01:00:00.5Z",)"
                  R"("atime":"2026-11-24T01:00:00.5Z","ctime":"2026-11-25T01:00:00Z","uid":1000,"gid":33,"user":"ana",)"
                  R"("inode":77,"size":3,"links":1,"content":[")" +
                      blob.Hex() + R"("]})");
}

TEST(NodeTest, ADeviceIsNamedOnlyForAFileOfSeveralNames) {
  FolderEntry entry = Entry(EntryType::kFile);
  entry.links = 2;
  std::string json;
  AppendFileNode(json, entry, {});
  EXPECT_NE(json.find(R"("inode":77,"device_id":5,"links":2,"content":[]})"), std::string::npos) << json;
}

TEST(NodeTest, ALinkThatIsNoUtf8KeepsItsBytesToo) {
  FolderEntry entry = Entry(EntryType::kLink);
  entry.target = "to \xF1";
  std::string json;
  AppendLinkNode(json, entry);
  EXPECT_NE(json.find(R"("linktarget":"to \ufffd","linktarget_raw":"dG8g8Q==","content":null})"), std::string::npos)
      << json;
}

TEST(NodeTest, EntriesAreReadBackAsTheyWere) {
  FolderEntry file = Entry(EntryType::kFile);
  file.name = "1";
  file.size = 9;
  file.links = 2;
  FolderEntry folder = Entry(EntryType::kFolder);
  folder.name = "2";
  folder.device = 0;
  FolderEntry link = Entry(EntryType::kLink);
  link.name = "3";
  link.target = "to \xF1";
  link.device = 0;
  std::string nodes;
  AppendFileNode(nodes, file, {});
  nodes += ",";
  AppendFolderNode(nodes, folder, Sha256(AsBytes("tree")));
  nodes += ",";
  AppendLinkNode(nodes, link);
  std::vector<FolderEntry> read;
  ParseTree(
      AsBytes(FinishTree(nodes).json),
      {.content = nullptr, .node = [&](const TreeNode& node) { read.push_back(node.entry); }, .with_entries = true});
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0], file);
  EXPECT_EQ(read[1], folder);
  EXPECT_EQ(read[2], link);
}

TEST(NodeTest, TimesThatCannotBeHeldAre1970) {
  std::vector<FolderEntry> read;
  ParseTree(
      AsBytes(R"({"nodes":[{"name":"a","type":"file","mtime":"0001-01-01T00:00:00Z","content":[]}]})"),
      {.content = nullptr, .node = [&](const TreeNode& node) { read.push_back(node.entry); }, .with_entries = true});
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].modified, TimePoint{});
}

}  // namespace
}  // namespace cofre::repository
