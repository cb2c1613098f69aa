#pragma once

// WriteBackup with every size to be chosen: for tests, which make them tiny, and for measurements.

#include "repository/backup.h"
#include "repository/pipeline/index_keeper.h"
#include "repository/pipeline/stream_pump.h"

namespace cofre::repository {

struct BackupTuning {
  StreamPump::Options pump;
  uint64_t pack_bytes = kDefaultPackBytes;
  unsigned uploads = 2;
  IndexIntervals index;
  uint32_t fine_average_bytes = kFineAverageBlobBytes;
};

BackupResult WriteBackupTuned(Repository& repository, ByteSource& source, const BackupRequest& request,
                              const BackupTuning& tuning, BackupProgress* progress, std::stop_token stop);
BackupResult WriteFolderBackupTuned(Repository& repository, FolderSource& source, const BackupRequest& request,
                                    const BackupTuning& tuning, BackupProgress* progress, std::stop_token stop);

}  // namespace cofre::repository
