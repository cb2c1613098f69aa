#pragma once

// Reads a snapshot's file, or its folder, back.

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/folder.h"
#include "base/stream.h"
#include "repository/repository.h"

namespace cofre::repository {

struct RestoreProgress {
  std::atomic<uint64_t> bytes_total{0};
  std::atomic<uint64_t> bytes_written{0};
};

struct SnapshotFile {
  std::string path;
  uint64_t size = 0;  // bytes
};

// Every file of a snapshot: one, for those that Cofre made. Under the non-exclusive lock.
std::vector<SnapshotFile> ListFiles(Repository& repository, const Snapshot& snapshot, std::stop_token stop);

// Writes the one file of `snapshot` to `sink`, in order, and calls sink.Finish() after the last byte. Takes restic's
// non-exclusive lock. Reads packs in large ranges, several ahead, in bounded memory; every blob is authenticated and
// its id checked before a byte of it reaches the sink. Throws corrupt and names the object that is damaged or missing;
// kind usage where the snapshot holds anything but one file; not_found where the snapshot has been removed.
void RestoreFile(Repository& repository, const Snapshot& snapshot, ByteSink& sink, RestoreProgress* progress,
                 std::stop_token stop);

// The same for one file of several, as in a snapshot that restic made.
void RestorePath(Repository& repository, const Snapshot& snapshot, std::string_view path, ByteSink& sink,
                 RestoreProgress* progress, std::stop_token stop);

struct FolderContents {
  uint64_t files = 0;
  uint64_t folders = 0;  // the folder itself included
  uint64_t links = 0;
  uint64_t left_out = 0;  // devices, pipes and sockets, of which restic keeps the names
  uint64_t bytes = 0;     // of all files
};

// Gives the folder that `snapshot` is of to the sink that `open` returns, and calls its Finish: the folder at the
// snapshot's path, or where there is none all that it holds. As RestoreFile otherwise; `open` is called once every tree
// was read and nothing in them is wrong: no name leads out of its folder or is there twice, and each file's blobs are
// known. Extended attributes are not read; files with several names come as one file a name.
FolderContents RestoreFolder(Repository& repository, const Snapshot& snapshot,
                             const std::function<FolderSink&(const FolderContents&)>& open, RestoreProgress* progress,
                             std::stop_token stop);

// The same without contents: `sink` gets the entries, and its Write is not called.
FolderContents ListFolder(Repository& repository, const Snapshot& snapshot, FolderSink& sink, std::stop_token stop);

}  // namespace cofre::repository
