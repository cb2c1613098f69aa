#include "base/error.h"
#include "base/log.h"
#include "repository/folder/folder_stream.h"
#include "repository/folder/parent_folder.h"
#include "repository/folder/tree_writer.h"
#include "repository/pipeline/backup_run.h"
#include "repository/pipeline/soundness.h"

namespace cofre::repository {
namespace {

class FolderBackup : public BackupRun {
 public:
  FolderBackup(Repository& repository, FolderSource& source, const BackupRequest& request, const BackupTuning& tuning,
               BackupProgress& progress, std::stop_token stop)
      : BackupRun(repository, request, tuning, progress, std::move(stop)), stream_(source, progress.bytes_read) {}

 private:
  MarkedStream& stream() override { return stream_; }
  // What need not be read is known only once the index is.
  void Begin(StreamPump&) override {}

  void WriteContent(Writing& writing) override {
    const std::unique_ptr<ParentFolder> parent = OpenParent(writing.known);
    stream_.SetParent(parent.get());
    BlobEncoder encoder(state_.sealer);
    TreeWriter trees(writing.known, [&](const TreeBlob& tree) { StoreTree(writing, encoder, tree); });
    writing.pump.StartReading();
    PumpInto(writing, trees);
    const FolderFigures& figures = trees.figures();
    if (figures.entries() == 1 && parent != nullptr && parent->has_entries()) {
      throw Error(ErrorKind::kCorrupt, "the folder is empty, and was not when it was backed up last",
                  "is something not mounted? If it is meant to be empty, put a file into it that says so");
    }
    for (const TreeBlob& tree : BuildFolderChain(request_.path, trees.root(), trees.root_tree())) {
      StoreTree(writing, encoder, tree);
      if (const auto pack = writing.known.PackOf(BlobType::kTree, tree.id)) trees.packs().insert(*pack);
      result_.snapshot.tree = tree.id;
    }
    summary_.files_new = figures.files_read;
    summary_.files_unmodified = figures.files_unchanged;
    summary_.total_bytes_processed = figures.bytes;
    writing.writer.Flush();
    writing.keeper.Write(failure_.token());
    std::set<Digest> packs = std::move(trees.packs());
    packs.insert(writing.keeper.listed_packs().begin(), writing.keeper.listed_packs().end());
    RequireAllThere(state_, packs, failure_.token());
  }

  // A parent that is gone or damaged costs time and no more.
  std::unique_ptr<ParentFolder> OpenParent(const KnownBlobs& known) {
    if (!request_.parent) return nullptr;
    try {
      const Snapshot snapshot = state_.LoadSnapshot(*request_.parent, failure_.token());
      return std::make_unique<ParentFolder>(state_, known, snapshot, failure_.token());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound && error.kind() != ErrorKind::kCorrupt) throw;
      Log(LogLevel::kWarning, "all_files_read_anew", {{"path", request_.path}, {"reason", error.what()}});
      return nullptr;
    }
  }

  FolderStream stream_;
};

}  // namespace

BackupResult WriteFolderBackupTuned(Repository& repository, FolderSource& source, const BackupRequest& request,
                                    const BackupTuning& tuning, BackupProgress* progress, std::stop_token stop) {
  return PerformBackup(request, progress, [&](BackupProgress& watched) {
    return FolderBackup(repository, source, request, tuning, watched, stop).Perform();
  });
}

BackupResult WriteFolderBackup(Repository& repository, FolderSource& source, const BackupRequest& request,
                               BackupProgress* progress, std::stop_token stop) {
  return WriteFolderBackupTuned(repository, source, request, BackupTuning{}, progress, std::move(stop));
}

}  // namespace cofre::repository
