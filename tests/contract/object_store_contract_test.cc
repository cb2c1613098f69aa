#include "tests/contract/object_store_contract.h"

#include <fmt/core.h>

#include <algorithm>

namespace cofre::storage {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ObjectStoreContract, WhatWasPutIsRead) {
  Put("data/ab/one", "first");
  EXPECT_EQ(Get("data/ab/one"), "first");
}

TEST_P(ObjectStoreContract, APutWithItsDigestIsRead) {
  const Bytes body = Noise(100'000);
  store().Put("data/x", body, Sha256(body), {});
  EXPECT_EQ(store().Get("data/x", body.size(), {}), body);
}

TEST_P(ObjectStoreContract, AnEmptyObjectIsAnObject) {
  Put("empty", "");
  EXPECT_EQ(Get("empty"), "");
  EXPECT_EQ(store().Stat("empty", {}), (ObjectInfo{.key = "empty", .size = 0}));
  EXPECT_THAT(Keys(), ElementsAre("empty"));
}

TEST_P(ObjectStoreContract, APutReplacesWhatWasThere) {
  Put("config", "a long first content");
  Put("config", "second");
  EXPECT_EQ(Get("config"), "second");
  EXPECT_EQ(store().Stat("config", {})->size, 6U);
}

TEST_P(ObjectStoreContract, AMissingObjectIsNotFound) {
  Put("data/there", "x");
  EXPECT_EQ(KindOf([&] { Get("data/missing"); }), "not_found");
  EXPECT_EQ(KindOf([&] { Get("nowhere/missing"); }), "not_found");
  EXPECT_EQ(KindOf([&] { Get("data"); }), "not_found") << "a folder is no object";
  EXPECT_EQ(KindOf([&] { store().GetRange("data/missing", 0, 1, {}); }), "not_found");
  EXPECT_EQ(store().Stat("data/missing", {}), std::nullopt);
  EXPECT_EQ(store().Stat("data", {}), std::nullopt);
}

TEST_P(ObjectStoreContract, TheErrorForAMissingObjectNamesItAndTheStore) {
  try {
    Get("data/missing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("data/missing"));
  }
}

TEST_P(ObjectStoreContract, AnObjectAboveTheLimitIsCorrupt) {
  Put("data/ten", "0123456789");
  EXPECT_EQ(store().Get("data/ten", 10, {}).size(), 10U);
  EXPECT_EQ(KindOf([&] { store().Get("data/ten", 9, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().Get("data/ten", 0, {}); }), "corrupt");
}

TEST_P(ObjectStoreContract, ARangeIsExactlyWhatWasAskedFor) {
  Put("data/ten", "0123456789");
  const auto range = [&](uint64_t offset, uint64_t length) {
    const Bytes bytes = store().GetRange("data/ten", offset, length, {});
    return std::string(AsText(bytes));
  };
  EXPECT_EQ(range(0, 10), "0123456789");
  EXPECT_EQ(range(0, 1), "0");
  EXPECT_EQ(range(3, 4), "3456");
  EXPECT_EQ(range(9, 1), "9");
  EXPECT_EQ(range(0, 0), "");
  EXPECT_EQ(range(10, 0), "");
}

TEST_P(ObjectStoreContract, ARangeBeyondTheEndIsCorrupt) {
  Put("data/ten", "0123456789");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", 0, 11, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", 9, 2, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", 10, 1, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", 1'000'000, 1, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", UINT64_MAX, 1, {}); }), "corrupt");
  EXPECT_EQ(KindOf([&] { store().GetRange("data/ten", 5, UINT64_MAX - 1, {}); }), "corrupt");
}

TEST_P(ObjectStoreContract, OddKeysAreKeysLikeAnyOther) {
  const std::vector<std::string> keys = {"plain",
                                         "with space",
                                         "a+b",
                                         "a%20b",
                                         "a%2Fb",
                                         "q?x=1&y=2",
                                         "hash#tag",
                                         "quote\"'`",
                                         "semi;colon,comma",
                                         "at@colon:",
                                         "<angle>&amp;",
                                         "back\\slash",
                                         "brace{}[]()",
                                         "pipe|tilde~caret^",
                                         "star*dollar$bang!",
                                         "dots.../...",
                                         " leading and trailing ",
                                         "-dash/--option",
                                         "deep/a/b/c/d/e/f/g",
                                         "UPPER/lower",
                                         "=equals="};
  for (const std::string& key : keys) Put(key, "content of " + key);
  for (const std::string& key : keys) EXPECT_EQ(Get(key), "content of " + key);
  std::vector<std::string> sorted = keys;
  std::ranges::sort(sorted);
  EXPECT_EQ(Keys(), sorted);
  EXPECT_THAT(store().DeleteMany(keys, {}), IsEmpty());
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_P(ObjectStoreContract, AKeyThatIsNoKeyIsRefusedEverywhere) {
  for (const std::string& key : std::vector<std::string>{"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "ñ",
                                                         "a\nb", std::string("a\0b", 3), std::string(513, 'k')}) {
    EXPECT_EQ(KindOf([&] { Put(key, "x"); }), "usage") << key;
    EXPECT_EQ(KindOf([&] { Get(key); }), "usage") << key;
    EXPECT_EQ(KindOf([&] { store().GetRange(key, 0, 1, {}); }), "usage") << key;
    EXPECT_EQ(KindOf([&] { store().Stat(key, {}); }), "usage") << key;
    EXPECT_EQ(KindOf([&] { store().Delete(key, {}); }), "usage") << key;
  }
  EXPECT_EQ(KindOf([&] { Keys("data"); }), "usage") << "a prefix ends in '/'";
  EXPECT_EQ(KindOf([&] { Keys("../"); }), "usage");
  EXPECT_EQ(KindOf([&] { store().ListFolders("/", {}); }), "usage");
}

TEST_P(ObjectStoreContract, AListingIsOfOnePrefixInOrderOfBytes) {
  for (const char* key : {"b/2", "b/10", "a", "b.txt", "b/1", "b/B", "b/sub/z", "b-", "b0", "c"}) Put(key, key);
  EXPECT_THAT(Keys(), ElementsAre("a", "b-", "b.txt", "b/1", "b/10", "b/2", "b/B", "b/sub/z", "b0", "c"));
  EXPECT_THAT(Keys("b/"), ElementsAre("b/1", "b/10", "b/2", "b/B", "b/sub/z"));
  EXPECT_THAT(Keys("b/sub/"), ElementsAre("b/sub/z"));
  EXPECT_THAT(Keys("nothing/"), IsEmpty());
}

TEST_P(ObjectStoreContract, AListingTellsSizes) {
  Put("a/x", "12345");
  Put("a/y", "");
  EXPECT_THAT(ListAll(store(), "a/", {}),
              ElementsAre(ObjectInfo{.key = "a/x", .size = 5}, ObjectInfo{.key = "a/y", .size = 0}));
}

TEST_P(ObjectStoreContract, APrefixThatAnotherBeginsWithIsNotMixedUp) {
  Put("900/1", "x");
  Put("9001/1", "x");
  EXPECT_THAT(Keys("900/"), ElementsAre("900/1"));
  EXPECT_THAT(store().ListFolders("", {}), ElementsAre("900", "9001"));
}

TEST_P(ObjectStoreContract, FoldersAreWhatHasObjectsBelow) {
  for (const char* key : {"top", "a/1", "a/2", "a.b/1", "b/x/y/z", "b/1"}) Put(key, key);
  EXPECT_THAT(store().ListFolders("", {}), ElementsAre("a", "a.b", "b"));
  EXPECT_THAT(store().ListFolders("b/", {}), ElementsAre("x"));
  EXPECT_THAT(store().ListFolders("a/", {}), IsEmpty());
  EXPECT_THAT(store().ListFolders("nothing/", {}), IsEmpty());
  store().Delete("a.b/1", {});
  EXPECT_THAT(store().ListFolders("", {}), ElementsAre("a", "b")) << "what has been emptied is no folder";
}

TEST_P(ObjectStoreContract, MoreObjectsThanOnePageHoldsAreListed) {
  constexpr int kObjects = 1234;
  std::vector<std::string> keys;
  keys.reserve(kObjects);
  for (int i = 0; i < kObjects; ++i) keys.push_back(fmt::format("data/{:05}", i));
  {
    std::vector<std::jthread> writers;
    writers.reserve(4);
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&, writer] {
        for (int i = writer; i < kObjects; i += 4) Put(keys[i], "x");
      });
    }
  }
  EXPECT_EQ(Keys("data/"), keys);
  EXPECT_THAT(store().DeleteMany(keys, {}), IsEmpty());
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_P(ObjectStoreContract, ADeletedObjectIsGone) {
  Put("data/a", "x");
  Put("data/b", "x");
  store().Delete("data/a", {});
  EXPECT_EQ(store().Stat("data/a", {}), std::nullopt);
  EXPECT_THAT(Keys(), ElementsAre("data/b"));
}

TEST_P(ObjectStoreContract, DeletingWhatIsNotThereSucceeds) {
  Put("data/b", "x");
  store().Delete("data/missing", {});
  store().Delete("nowhere/missing", {});
  store().Delete("data", {});
  const std::vector<std::string> keys = {"data/b", "data/missing", "nowhere/at/all"};
  EXPECT_THAT(store().DeleteMany(keys, {}), IsEmpty());
  EXPECT_THAT(store().DeleteMany(keys, {}), IsEmpty());
  EXPECT_THAT(store().DeleteMany({}, {}), IsEmpty());
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_P(ObjectStoreContract, ALargeObjectComesBackWhole) {
  const Bytes body = Noise(size_t{20} * 1024 * 1024 + 3);
  store().Put("data/large", body, Sha256(body), {});
  EXPECT_TRUE(store().Get("data/large", body.size(), {}) == body);
  const uint64_t offset = body.size() - 5000;
  const Bytes end = store().GetRange("data/large", offset, 5000, {});
  EXPECT_TRUE(std::ranges::equal(end, ByteView(body).subspan(offset)));
}

TEST_P(ObjectStoreContract, ManyThreadsWriteAndReadAtOnce) {
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 10; ++i) {
          const std::string key = fmt::format("t/{:02x}/{}", i, thread);
          const Bytes body = Noise(10'000 + 100 * thread, thread * 100 + i);
          store().Put(key, body, std::nullopt, {});
          EXPECT_EQ(store().Get(key, 1 << 20, {}), body);
        }
      });
    }
  }
  EXPECT_EQ(Keys().size(), 80U);
}

TEST_P(ObjectStoreContract, AReaderDuringOverwritesSeesOneContentOrTheOther) {
  const Bytes first(200'000, 1);
  const Bytes second(300'000, 2);
  store().Put("contended", first, std::nullopt, {});
  std::jthread writer([&] {
    for (int i = 0; i < 10; ++i) store().Put("contended", i % 2 == 0 ? second : first, std::nullopt, {});
  });
  for (int i = 0; i < 20; ++i) {
    const Bytes seen = store().Get("contended", 1 << 20, {});
    EXPECT_TRUE(seen == first || seen == second);
  }
}

TEST_P(ObjectStoreContract, AStopThatCameBeforeEndsEveryOperation) {
  Put("a/b", "x");
  EXPECT_EQ(KindOf([&] { store().Put("a/c", {}, std::nullopt, Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().Get("a/b", 10, Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().GetRange("a/b", 0, 1, Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().Stat("a/b", Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { ListAll(store(), "a/", Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().ListFolders("", Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().Delete("a/b", Stopped()); }), "cancelled");
  EXPECT_EQ(KindOf([&] { store().DeleteMany(std::vector<std::string>{"a/b"}, Stopped()); }), "cancelled");
  EXPECT_THAT(Keys(), ElementsAre("a/b"));
}

TEST_P(ObjectStoreContract, AVisitorMayEndAListingAndMayUseTheStore) {
  for (int i = 0; i < 5; ++i) Put(fmt::format("v/{}", i), "content");
  int seen = 0;
  const auto visit = [&](const ObjectInfo& object) {
    EXPECT_EQ(Get(object.key), "content");
    if (++seen == 3) throw Error(ErrorKind::kTransient, "the visitor has had enough");
  };
  EXPECT_EQ(KindOf([&] { store().List("v/", visit, {}); }), "transient");
  EXPECT_EQ(seen, 3) << "what a visitor throws is not retried";
}

TEST_P(ObjectStoreContract, DescribesItself) { EXPECT_THAT(store().Describe(), testing::MatchesRegex("[a-z0-9]+:.*")); }

}  // namespace cofre::storage
