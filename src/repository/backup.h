#pragma once

// Writes one stream, or one folder, as one snapshot: cut by content, deduplicated, compressed, encrypted, packed and
// uploaded, all at once and in bounded memory (see docs/architecture.md for the stages, docs/performance.md for what
// each costs).

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/folder.h"
#include "base/stream.h"
#include "repository/repository.h"

namespace cofre::repository {

// The average blob size for a database whose dump is about this long; 0: unknown. Asked once, at its first backup, and
// kept: with another average nearly nothing that is stored already would be found again.
uint32_t ChooseAverageBlobBytes(uint64_t expected_stream_bytes);

struct BackupResult;

struct BackupRequest {
  std::string path;               // absolute, as in "/900869750/2025/CONTAB.fbk"; segments of [A-Za-z0-9._-]
  std::vector<std::string> tags;  // no commas
  std::string hostname;           // constant for a database: restic groups by host and path
  std::string username;
  // A power of two, 1 KiB to 1 MiB: see ChooseAverageBlobBytes in chunker/blob_sizes.h. Always the same for a database.
  uint32_t average_blob_bytes = 64 * 1024;
  // The snapshot's time: when the dump was begun, where that was before the call.
  std::optional<TimePoint> dump_start;
  // The upload that would make the bytes this backup adds pass this limit is not sent: kind quota, and what had been
  // uploaded is removed. No limit where absent.
  std::optional<uint64_t> added_bytes_limit;
  // Of a folder: the snapshot whose unchanged files need not be read again; best the newest of the same folder.
  std::optional<Digest> parent;

  // Both may be empty, and are called under the lock, in the calling thread.
  // What the repository holds, before anything is written. Returns an added_bytes_limit; what it throws ends the
  // backup.
  std::function<std::optional<uint64_t>(const Listing&)> on_listed;
  // The snapshot is stored. Returns the snapshots that are to be removed now, which takes no request of its own; what
  // it throws is thrown, but the snapshot is there.
  std::function<std::vector<Digest>(const BackupResult&)> on_stored;
};

// Figures of a running backup, to be read by another thread at any time.
struct BackupProgress {
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> bytes_new{0};       // of those, not known before
  std::atomic<uint64_t> bytes_uploaded{0};  // as stored
};

struct BackupResult {
  Snapshot snapshot;
  uint64_t bytes_read = 0;    // of a folder: of all its files, read or unchanged
  uint64_t bytes_new = 0;     // before compression
  uint64_t bytes_stored = 0;  // every object this backup added, snapshot and index included
  uint64_t blobs = 0;         // references in the content list; of a folder, in those of the files that were read
  uint64_t new_blobs = 0;
  // Packs that the index lists and that are not there as they should be: nothing was deduplicated against them.
  uint64_t unsound_packs = 0;
  bool unchanged = false;  // the same bytes as an earlier backup of this path: only a snapshot object was written
  // Where what on_stored returned could not be removed, or not all of it: any may be there still.
  std::optional<Error> removal_error;
};

// Takes restic's non-exclusive lock, lists what is there, writes packs, index, then the snapshot, and lets the lock
// go. The snapshot exists only if `source` ended well, every object before it is stored, and each blob was read back
// from its sealed form before its upload. Throws what `source` or the store throw, kind quota, kind cancelled, kind
// transient where somebody holds an exclusive lock. After any error or a crash the repository is consistent; blobs
// already stored are used by the next backup or removed by the next prune. An empty stream is kind corrupt.
BackupResult WriteBackup(Repository& repository, ByteSource& source, const BackupRequest& request,
                         BackupProgress* progress, std::stop_token stop);

// The same for a folder and all that is in it; request.path names the folder. A file that is in `parent` with the same
// size, times and inode is not read. Throws kind corrupt for a folder without entries where `parent` has some: most
// likely something is not mounted.
BackupResult WriteFolderBackup(Repository& repository, FolderSource& source, const BackupRequest& request,
                               BackupProgress* progress, std::stop_token stop);

}  // namespace cofre::repository
