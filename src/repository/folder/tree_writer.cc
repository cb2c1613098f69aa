#include "repository/folder/tree_writer.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "repository/node.h"
#include "repository/packs/pack_format.h"

namespace cofre::repository {

void TreeWriter::Add(std::span<const Digest> content) {
  content_.insert(content_.end(), content.begin(), content.end());
  for (const Digest& blob : content) NotePack(BlobType::kData, blob);
}

void TreeWriter::Mark(FolderMark mark) {
  switch (mark.kind) {
    case FolderMark::Kind::kEnter:
      open_.push_back({std::move(mark.entry), {}});
      ++figures_.folders;
      break;
    case FolderMark::Kind::kLeave:
      Leave();
      break;
    case FolderMark::Kind::kFile:
      AddFile(mark.entry, content_);
      ++figures_.files_read;
      break;
    case FolderMark::Kind::kVoid:
      break;
    case FolderMark::Kind::kUnchanged:
      for (const Digest& blob : mark.content) NotePack(BlobType::kData, blob);
      AddFile(mark.entry, mark.content);
      ++figures_.files_unchanged;
      break;
    case FolderMark::Kind::kLink:
      AppendLinkNode(Nodes(), mark.entry);
      ++figures_.links;
      break;
  }
  content_.clear();
}

void TreeWriter::AddFile(const FolderEntry& entry, std::span<const Digest> content) {
  AppendFileNode(Nodes(), entry, content);
  figures_.bytes += entry.size;
}

void TreeWriter::Leave() {
  OpenFolder folder = std::move(open_.back());
  open_.pop_back();
  const TreeBlob tree = FinishTree(std::move(folder.nodes));
  NotePack(BlobType::kTree, tree.id);
  store_(tree);
  if (open_.empty()) {
    root_ = std::move(folder.entry);
    root_tree_ = tree.id;
  } else {
    AppendFolderNode(Nodes(), folder.entry, tree.id);
  }
}

std::string& TreeWriter::Nodes() {
  std::string& nodes = open_.back().nodes;
  if (nodes.size() > kMaxPlainBlobBytes / 2) {
    throw Error(
        ErrorKind::kPermanent,
        fmt::format("the folder {} has more entries than one folder of a backup can have", open_.back().entry.name),
        "spread its files over several folders");
  }
  if (!nodes.empty()) nodes.push_back(',');
  return nodes;
}

void TreeWriter::NotePack(BlobType type, const Digest& blob) {
  if (const auto pack = known_.PackOf(type, blob)) packs_.insert(*pack);
}

}  // namespace cofre::repository
