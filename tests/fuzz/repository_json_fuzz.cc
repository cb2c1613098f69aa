// Any bytes as a snapshot, a tree, a lock, a key file and a repository's config: read, or refused. What was read comes
// back after being written again; so do names, and the entries of trees.

#include <cstdlib>

#include "base/error.h"
#include "repository/config_file.h"
#include "repository/crypto/key_file.h"
#include "repository/locks/lock_record.h"
#include "repository/node.h"
#include "repository/snapshot.h"
#include "repository/tree.h"

namespace {

namespace repository = cofre::repository;

// `read` throws corrupt, or usage for another version, or what it gave is read again as it was written. The first
// writing escapes bytes that are not UTF-8, so the second one is compared with the third.
template <typename Read, typename Write>
void RoundTrip(cofre::ByteView json, Read&& read, Write&& write) {
  try {
    const std::string once = write(read(json));
    const std::string twice = write(read(cofre::AsBytes(once)));
    if (write(read(cofre::AsBytes(twice))) != twice) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt && error.kind() != cofre::ErrorKind::kUsage) std::abort();
  }
}

// As one of ours would be written.
void EntryRoundTrip(const cofre::FolderEntry& entry) {
  std::string nodes;
  if (entry.type == cofre::EntryType::kFolder) repository::AppendFolderNode(nodes, entry, cofre::Digest{});
  if (entry.type == cofre::EntryType::kFile) repository::AppendFileNode(nodes, entry, {});
  if (entry.type == cofre::EntryType::kLink) repository::AppendLinkNode(nodes, entry);
  const std::string json = repository::FinishTree(nodes).json;
  const auto compare = [&](const repository::TreeNode& node) {
    if (node.name != entry.name || node.entry.mode != entry.mode || node.entry.modified != entry.modified ||
        node.entry.target != (entry.type == cofre::EntryType::kLink ? entry.target : "") ||
        node.entry.size != (entry.type == cofre::EntryType::kFile ? entry.size : 0)) {
      std::abort();
    }
  };
  repository::ParseTree(cofre::AsBytes(json), {.content = nullptr, .node = compare, .with_entries = true});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const cofre::ByteView json(data, size);
  RoundTrip(json, repository::SnapshotFromJson, repository::SnapshotToJson);
  RoundTrip(json, repository::LockFromJson, repository::LockToJson);
  RoundTrip(json, repository::KeyFileFromJson, repository::KeyFileToJson);
  RoundTrip(json, repository::ConfigFromJson, repository::ConfigToJson);
  try {
    uint64_t content = 0;
    uint64_t content_of_nodes = 0;
    repository::ParseTree(json, {.content = [&](const cofre::Digest&) { ++content; },
                                 .node =
                                     [&](const repository::TreeNode& node) {
                                       content_of_nodes += node.content_blobs;
                                       if (node.name.empty() || node.type.empty()) std::abort();
                                       EntryRoundTrip(node.entry);
                                     },
                                 .with_entries = true});
    if (content != content_of_nodes || content * 66 > size) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
  return 0;
}
