#pragma once

// Objects as files below a folder: key "data/ab/cd" is the file ROOT/data/ab/cd, so that a stock restic reads the same
// folder. Folders are mode 0700 and files 0600.
//
// Put writes to ROOT/.tmp, makes the file durable, renames it and makes the folder durable: after a power cut an object
// is there whole or not at all. Deletions are durable when they return, too: what is deleted in order stays deleted in
// that order. A key that begins with ".tmp/" is refused. Folders left empty stay and are not listed.
//
// Symbolic links below ROOT are not followed (ROOT itself may be one): what is named by a key lies below ROOT.

#include <mutex>
#include <set>
#include <string>

#include "base/file.h"
#include "storage/local_folder.h"
#include "storage/object_store.h"

namespace cofre::storage {

class LocalStore : public ObjectStore {
 public:
  // Opens the folder and removes temporary files that processes which died left there. With `create` makes the folder
  // (and those above it) where it is missing; without, throws not_found, lest a missing mount fill the disk below.
  LocalStore(const std::string& root, bool create);

  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override;
  Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) override;
  Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) override;
  std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) override;
  void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
            std::stop_token stop) override;
  std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) override;
  void Delete(const std::string& key, std::stop_token stop) override;
  std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) override;
  std::string Describe() const override { return "file:" + root_; }

 private:
  struct OpenFile;
  OpenFile OpenObject(const std::string& key) const;
  // Opens the folder and makes what is missing of its path, durably.
  FileDescriptor MakeFolder(const std::string& path);
  std::vector<FolderEntry> ReadRoot() const;
  // Whether there was such an object. Not durable yet.
  bool Unlink(const std::string& key);
  void SyncFolderOf(const std::string& path);

  std::string root_;
  FileDescriptor root_folder_;

  // Folders, as paths below the root, whose own entry this store has made durable already.
  std::mutex mutex_;
  std::set<std::string> durable_folders_;
};

}  // namespace cofre::storage
