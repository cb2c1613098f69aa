#include "repository/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

using testing::ElementsAre;

Digest Id(std::string_view name) { return Sha256(AsBytes(name)); }

struct Seen {
  std::vector<Digest> content;
  std::vector<TreeNode> nodes;
};

Seen Parse(std::string_view json) {
  Seen seen;
  ParseTree(AsBytes(json), {.content = [&](const Digest& id) { seen.content.push_back(id); },
                            .node = [&](const TreeNode& node) { seen.nodes.push_back(node); }});
  return seen;
}

void ExpectCorrupt(const std::string& json) {
  try {
    Parse(json);
    ADD_FAILURE() << json << " was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << json;
  }
}

TEST(TreeTest, IsWrittenByteForByteAsResticWould) {
  const std::vector<Digest> content{Id("a"), Id("b")};
  const std::vector<TreeBlob> trees = BuildTrees("/900869750/CONTAB.fbk", 70, content);
  ASSERT_EQ(trees.size(), 2u);
  EXPECT_EQ(trees[0].json,
            R"({"nodes":[{"name":"CONTAB.fbk","type":"file","mode":384,"mtime":"1980-01-01T00:00:00Z",)"
            R"("atime":"1980-01-01T00:00:00Z","ctime":"1980-01-01T00:00:00Z","uid":0,"gid":0,"size":70,"content":[")" +
                Id("a").Hex() + R"(",")" + Id("b").Hex() + "\"]}]}\n");
  EXPECT_EQ(
      trees[1].json,
      R"({"nodes":[{"name":"900869750","type":"dir","mode":2147484096,"mtime":"1980-01-01T00:00:00Z",)"
      R"("atime":"1980-01-01T00:00:00Z","ctime":"1980-01-01T00:00:00Z","uid":0,"gid":0,"content":null,"subtree":")" +
          trees[0].id.Hex() + "\"}]}\n");
  EXPECT_EQ(trees[1].id, Id(trees[1].json));
}

TEST(TreeTest, AnEmptyFileHasAnEmptyListAndNoSize) {
  const std::vector<TreeBlob> trees = BuildTrees("/x", 0, {});
  EXPECT_EQ(trees.size(), 1u);
  EXPECT_THAT(trees[0].json, testing::HasSubstr(R"("gid":0,"content":[]}]})"));
}

TEST(TreeTest, TheSameContentGivesTheSameTree) {
  const std::vector<Digest> content{Id("a")};
  EXPECT_EQ(BuildTrees("/a/b/c", 1, content).back().id, BuildTrees("/a/b/c", 1, content).back().id);
  EXPECT_NE(BuildTrees("/a/b/c", 1, content).back().id, BuildTrees("/a/b/d", 1, content).back().id);
}

TEST(TreeTest, GivesBackWhatWasWritten) {
  const std::vector<Digest> content{Id("a"), Id("b"), Id("a")};
  const std::vector<TreeBlob> trees = BuildTrees("/d/f", 70, content);
  const Seen file = Parse(trees[0].json);
  EXPECT_EQ(file.content, content);
  ASSERT_EQ(file.nodes.size(), 1u);
  EXPECT_EQ(file.nodes[0].name, "f");
  EXPECT_EQ(file.nodes[0].type, "file");
  EXPECT_EQ(file.nodes[0].size, 70u);
  EXPECT_EQ(file.nodes[0].content_blobs, 3u);
  const Seen folder = Parse(trees[1].json);
  ASSERT_EQ(folder.nodes.size(), 1u);
  EXPECT_EQ(folder.nodes[0].subtree, trees[0].id);
  EXPECT_FALSE(folder.nodes[0].has_content);
}

TEST(TreeTest, NamesOfOthersAreUnquoted) {
  const auto name = [](const std::string& quoted) {
    return Parse(R"({"nodes":[{"name":")" + quoted + R"(","type":"symlink"}]})").nodes[0].name;
  };
  EXPECT_EQ(name(R"(a\\\"b)"), "a\"b");
  EXPECT_EQ(name(R"(a\\\\b)"), "a\\b");
  EXPECT_EQ(name(R"(\\xff\\n)"), "\xff\n");
  EXPECT_EQ(name(R"(\\u00f1\\U0001f600ñ)"), "ñ😀ñ");
  ExpectCorrupt(R"({"nodes":[{"name":"\\q","type":"symlink"}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"\\x1","type":"symlink"}]})");
}

TEST(TreeTest, HostileTreesAreRefused) {
  const std::string id = Id("x").Hex();
  ExpectCorrupt("");
  ExpectCorrupt("{}");
  ExpectCorrupt("[]");
  ExpectCorrupt(R"({"nodes":[{"type":"file","content":[]}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"","type":"file","content":[]}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","content":[]}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"file","content":null}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"file"}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"dir","subtree":null}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"file","content":["abc"]}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"file","content":[],"content":[]}]})");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"file","content":[],"size":-1}]})");
  ExpectCorrupt(R"({"nodes":[]} x)");
  ExpectCorrupt(R"({"nodes":[{"name":"a","type":"symlink","extended_attributes":)" + std::string(100000, '['));
}

TEST(TreeTest, PathsAreWhatResticNeedNotQuote) {
  for (const char* good : {"/a", "/900869750/2025/CONTAB.fbk", "/a-b_c.d/..x"}) {
    EXPECT_NO_THROW(RequireValidSnapshotPath(good)) << good;
  }
  for (const char* bad :
       {"", "a", "/", "/a/", "//a", "/a//b", "/.", "/a/../b", "/ñ", "/a b", "/a\"", "/a\\b", "/a\n"}) {
    try {
      RequireValidSnapshotPath(bad);
      ADD_FAILURE() << bad << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage) << bad;
    }
  }
}

}  // namespace
}  // namespace cofre::repository
