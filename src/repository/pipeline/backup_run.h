#pragma once

// One call of WriteBackup or WriteFolderBackup: everything but what the stream is and which trees come of it.

#include <stop_token>

#include "repository/backup.h"
#include "repository/locks/lock.h"
#include "repository/pipeline/backup_tuning.h"
#include "repository/repository_state.h"
#include "repository/tree.h"

namespace cofre::repository {

class BackupRun {
 public:
  // The references outlive the run.
  BackupRun(Repository& repository, const BackupRequest& request, const BackupTuning& tuning, BackupProgress& progress,
            std::stop_token stop);
  virtual ~BackupRun() = default;
  BackupRun(const BackupRun&) = delete;
  BackupRun& operator=(const BackupRun&) = delete;

  BackupResult Perform();

 protected:
  // What a backup writes with, under the lock and with the index loaded.
  struct Writing {
    StreamPump& pump;
    PackWriter& writer;
    IndexKeeper& keeper;
    KnownBlobs& known;
  };

  virtual MarkedStream& stream() = 0;
  // Before the lock is taken: whoever can read already calls pump.StartReading.
  virtual void Begin(StreamPump& pump) = 0;
  // Stores all that the stream gives (PumpInto) and the trees of it, makes sure that it is there, and sets
  // result_.snapshot.tree.
  virtual void WriteContent(Writing& writing) = 0;

  // The whole stream. New blobs are with the writer when it returns, and counted.
  void PumpInto(Writing& writing, ContentSink& sink);
  // Adds a tree to the packs unless it is known.
  void StoreTree(Writing& writing, BlobEncoder& encoder, const TreeBlob& tree);

  Repository::State& state_;
  const BackupRequest& request_;
  const BackupTuning& tuning_;
  BackupProgress& progress_;
  FirstFailure failure_;
  BackupResult result_;
  SnapshotSummary summary_;  // its counts of files and trees
  TimePoint start_{};

 private:
  void Write(StreamPump& pump, const RepositoryLock& lock);
  void WriteSnapshot();
  // Removes what on_stored wants removed, together with the lock.
  void Conclude(RepositoryLock& lock);
  void KeepWhatIsStored(PackWriter& writer, IndexKeeper& keeper);
  void RemoveWhatIsStored(PackWriter& writer, const IndexKeeper& keeper, std::stop_token stop);
  // Throws the first failure, or that there was an order to stop.
  void RequireGoingOn() const;

  const std::stop_token stop_;
  const GearTable table_;
  AddedBytes added_;
  bool concluded_ = false;
};

// Runs it with the caller's progress, or with one that nobody watches; what the system refuses becomes an Error.
BackupResult PerformBackup(const BackupRequest& request, BackupProgress* progress,
                           const std::function<BackupResult(BackupProgress& progress)>& perform);

}  // namespace cofre::repository
