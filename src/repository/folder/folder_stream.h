#pragma once

// A folder as what a backup reads: the bytes of its files, and a mark for each entry.

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/folder.h"
#include "repository/folder/parent_folder.h"
#include "repository/pipeline/marked_stream.h"

namespace cofre::repository {

class FolderStream : public MarkedStream {
 public:
  // `source` and `unchanged_bytes` outlive it. The latter counts those of files that are not read.
  FolderStream(FolderSource& source, std::atomic<uint64_t>& unchanged_bytes)
      : source_(source), unchanged_bytes_(unchanged_bytes) {}

  // Before the first Read; it outlives the last one. Null: all is new.
  void SetParent(ParentFolder* parent) { parent_ = parent; }

  Got Read(MutableBytes buffer, std::vector<FolderMark>& marks) override;

 private:
  void Begin(FolderEntry entry, std::vector<FolderMark>& marks);
  void EndFile(std::vector<FolderMark>& marks);

  FolderSource& source_;
  std::atomic<uint64_t>& unchanged_bytes_;
  ParentFolder* parent_ = nullptr;
  FolderEntry file_;  // where one is open
  bool is_open_ = false;
  uint64_t file_bytes_ = 0;  // read of it
};

}  // namespace cofre::repository
