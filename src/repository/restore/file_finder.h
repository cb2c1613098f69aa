#pragma once

// From a snapshot to the blobs of one of its files.

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "repository/tree_loader.h"

namespace cofre::repository {

struct FileContent {
  std::string path;
  uint64_t size = 0;
  std::vector<Digest> blobs;
};

// The file at `path`, or the only one where `path` is empty. Throws corrupt where trees are damaged or the blobs'
// lengths do not add up to the file's size; usage where `path` is empty and there is anything but one file; not_found.
FileContent FindFile(TreeLoader& trees, const BlobIndex& index, const Digest& root, std::string_view path,
                     std::stop_token stop);

// Every file below `root`, with its path, as it is read; not its blobs.
void VisitFiles(TreeLoader& trees, const Digest& root,
                const std::function<void(const std::string& path, uint64_t size)>& visit, std::stop_token stop);

// The sum of the blobs' plain lengths. Throws corrupt where the index does not know one.
uint64_t PlainBytes(const BlobIndex& index, std::span<const Digest> blobs);

}  // namespace cofre::repository
