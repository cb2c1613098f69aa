#include "repository/backup.h"

#include "base/error.h"
#include "repository/pipeline/backup_run.h"
#include "repository/pipeline/soundness.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

// A backup of one stream.
class StreamBackup : public BackupRun {
 public:
  StreamBackup(Repository& repository, ByteSource& source, const BackupRequest& request, const BackupTuning& tuning,
               BackupProgress& progress, std::stop_token stop)
      : BackupRun(repository, request, tuning, progress, std::move(stop)), stream_(source) {}

 private:
  MarkedStream& stream() override { return stream_; }
  // The dump makes its first bytes while the lock is taken and the index is read.
  void Begin(StreamPump& pump) override { pump.StartReading(); }

  void WriteContent(Writing& writing) override {
    ContentList content;
    PumpInto(writing, content);
    if (progress_.bytes_read == 0) {
      throw Error(ErrorKind::kCorrupt, "the dump is empty", "look at what makes it: a backup of nothing is no backup");
    }
    BlobEncoder encoder(state_.sealer);
    std::vector<Digest> trees;
    for (const TreeBlob& tree : BuildTrees(request_.path, progress_.bytes_read, content.list())) {
      trees.push_back(tree.id);
      StoreTree(writing, encoder, tree);
    }
    result_.snapshot.tree = trees.back();
    summary_.files_new = 1;
    summary_.total_bytes_processed = progress_.bytes_read;
    writing.writer.Flush();
    writing.keeper.Write(failure_.token());
    RequireAllThere(state_, content.list(), trees, failure_.token());
  }

  PlainStream stream_;
};

}  // namespace

BackupResult WriteBackupTuned(Repository& repository, ByteSource& source, const BackupRequest& request,
                              const BackupTuning& tuning, BackupProgress* progress, std::stop_token stop) {
  return PerformBackup(request, progress, [&](BackupProgress& watched) {
    return StreamBackup(repository, source, request, tuning, watched, stop).Perform();
  });
}

BackupResult WriteBackup(Repository& repository, ByteSource& source, const BackupRequest& request,
                         BackupProgress* progress, std::stop_token stop) {
  return WriteBackupTuned(repository, source, request, BackupTuning{}, progress, std::move(stop));
}

}  // namespace cofre::repository
