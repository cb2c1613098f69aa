#pragma once

// Folders between layers, as base/stream.h has single streams: a backup of files is pulled from a FolderSource, a
// restore of them is pushed to a FolderSink.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"

namespace cofre {

// Levels of folders below each other, the folder itself included: each costs a descriptor while it is open.
inline constexpr size_t kDeepestFolder = 250;

enum class EntryType : uint8_t { kFile, kFolder, kLink };

// A file, a folder or a symbolic link, as its file system describes it.
struct FolderEntry {
  std::string name;  // any bytes but '/' and NUL; not "", "." or ".."
  EntryType type = EntryType::kFile;
  uint32_t mode = 0;  // permissions, set-user-id, set-group-id, sticky: at most 07777
  TimePoint modified{};
  TimePoint changed{};  // of the inode
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string user;  // empty where the machine knows no name
  std::string group;
  uint64_t inode = 0;
  uint64_t device = 0;
  uint64_t links = 1;  // names of the same file
  uint64_t size = 0;   // bytes, of a file
  std::string target;  // of a link; any bytes but NUL

  bool operator==(const FolderEntry&) const = default;
};

struct FolderStep {
  enum class Kind : uint8_t { kEntry, kLeave, kEnd };
  Kind kind = Kind::kEnd;
  FolderEntry entry;  // of kEntry
};

// A folder that is pulled, once, from its beginning to its end. What it cannot read whole it throws for: half a folder
// cannot be taken for a whole one. Used by one thread at a time.
class FolderSource {
 public:
  virtual ~FolderSource() = default;

  // First the folder itself, then what is in it in the byte order of names; each folder is followed by its entries and
  // a kLeave. kEnd after the kLeave of the first. Throws Error where something cannot be read.
  virtual FolderStep Next() = 0;

  // Opens the file that Next has just given, and brings `entry` up to date; false where it is no more, and so is no
  // part of the folder.
  virtual bool Open(FolderEntry& entry) = 0;

  // Bytes of the open file, or 0 at its end. `buffer` is not empty.
  virtual size_t Read(MutableBytes buffer) = 0;

  // After its end. True: nothing has changed it since it was opened, and it is closed. False: what was read of it is
  // void; `entry` is up to date and Read begins anew. Throws transient where it changes again and again.
  virtual bool Settled(FolderEntry& entry) = 0;
};

// A folder that is pushed, in the order in which a FolderSource gives one. Used by one thread at a time.
class FolderSink {
 public:
  virtual ~FolderSink() = default;

  // The first is the folder itself, whose name is not used.
  virtual void EnterFolder(const FolderEntry& entry) = 0;
  virtual void LeaveFolder() = 0;

  // entry.size bytes follow, then EndFile.
  virtual void BeginFile(const FolderEntry& entry) = 0;
  virtual void Write(ByteView data) = 0;
  virtual void EndFile() = 0;

  virtual void AddLink(const FolderEntry& entry) = 0;

  // As ByteSink's: only then does it look complete.
  virtual void Finish() = 0;
};

}  // namespace cofre
