#include "repository/restore.h"

#include "base/error.h"
#include "repository/folder/folder_reader.h"
#include "repository/locks/lock.h"
#include "repository/repository_state.h"
#include "repository/restore/content_stream.h"
#include "repository/restore/file_finder.h"

namespace cofre::repository {
namespace {

// Calls body(trees, stop) under the lock with a fresh index. What looks like damage may be a snapshot that somebody
// forgot, and pruned, since the caller listed it.
template <typename Body>
void ReadSnapshot(Repository& repository, const Snapshot& snapshot, const std::stop_token& stop, Body&& body) {
  Repository::State& state = repository.state();
  UnderLock(state, LockMode::kShared, stop, [&](const RepositoryLock& lock) {
    try {
      state.RefreshIndex(lock.token());
      TreeLoader trees(state, state.index);
      body(trees, lock.token());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      if (state.store->Stat(KeyOf(FileKind::kSnapshot, snapshot.id), lock.token())) throw;
      throw Error(ErrorKind::kNotFound, "snapshot " + snapshot.id.Hex() + " has been removed");
    }
  });
}

FoundFolder FolderOf(TreeLoader& trees, const Snapshot& snapshot, const std::stop_token& stop) {
  if (snapshot.paths.size() == 1) {
    if (auto folder = FindFolder(trees, snapshot.tree, snapshot.paths[0], stop)) return std::move(*folder);
  }
  FoundFolder whole{{}, snapshot.tree};
  whole.entry.type = EntryType::kFolder;
  whole.entry.mode = 0700;
  whole.entry.modified = snapshot.time;
  return whole;
}

}  // namespace

std::vector<SnapshotFile> ListFiles(Repository& repository, const Snapshot& snapshot, std::stop_token stop) {
  std::vector<SnapshotFile> files;
  ReadSnapshot(repository, snapshot, stop, [&](TreeLoader& trees, const std::stop_token& lock_stop) {
    VisitFiles(
        trees, snapshot.tree,
        [&](const std::string& path, uint64_t size) {
          files.push_back({path, size});
        },
        lock_stop);
  });
  return files;
}

void RestorePath(Repository& repository, const Snapshot& snapshot, std::string_view path, ByteSink& sink,
                 RestoreProgress* progress, std::stop_token stop) {
  Repository::State& state = repository.state();
  ReadSnapshot(repository, snapshot, stop, [&](TreeLoader& trees, const std::stop_token& lock_stop) {
    const FileContent file = FindFile(trees, state.index, snapshot.tree, path, lock_stop);
    if (progress != nullptr) progress->bytes_total = file.size;
    StreamContent(
        state, file.blobs, {},
        [&](ByteView plain) {
          sink.Write(plain);
          if (progress != nullptr) progress->bytes_written += plain.size();
        },
        lock_stop);
  });
  // Outside the lock: whoever takes the bytes may need its time to accept them, and needs nothing of ours for it.
  sink.Finish();
}

void RestoreFile(Repository& repository, const Snapshot& snapshot, ByteSink& sink, RestoreProgress* progress,
                 std::stop_token stop) {
  RestorePath(repository, snapshot, "", sink, progress, stop);
}

FolderContents RestoreFolder(Repository& repository, const Snapshot& snapshot,
                             const std::function<FolderSink&(const FolderContents&)>& open, RestoreProgress* progress,
                             std::stop_token stop) {
  FolderContents contents;
  FolderSink* sink = nullptr;
  ReadSnapshot(repository, snapshot, stop, [&](TreeLoader& trees, const std::stop_token& lock_stop) {
    FolderReader reader(repository.state(), trees, lock_stop);
    const FoundFolder folder = FolderOf(trees, snapshot, lock_stop);
    contents = reader.Check(folder);
    if (progress != nullptr) progress->bytes_total = contents.bytes;
    sink = &open(contents);
    reader.Push(folder, *sink, true, [&](uint64_t bytes) {
      if (progress != nullptr) progress->bytes_written += bytes;
    });
  });
  // Outside the lock, as in RestorePath.
  sink->Finish();
  return contents;
}

FolderContents ListFolder(Repository& repository, const Snapshot& snapshot, FolderSink& sink, std::stop_token stop) {
  FolderContents contents;
  ReadSnapshot(repository, snapshot, stop, [&](TreeLoader& trees, const std::stop_token& lock_stop) {
    FolderReader reader(repository.state(), trees, lock_stop);
    const FoundFolder folder = FolderOf(trees, snapshot, lock_stop);
    contents = reader.Check(folder);
    reader.Push(folder, sink, false, [](uint64_t) {});
  });
  sink.Finish();
  return contents;
}

}  // namespace cofre::repository
