#include "repository/restore.h"

#include "base/error.h"
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

}  // namespace cofre::repository
