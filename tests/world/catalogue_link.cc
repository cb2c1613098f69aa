#include "tests/world/catalogue_link.h"

#include <sqlite3.h>

#include <map>
#include <mutex>

namespace cofre::world {
namespace {

thread_local const CatalogueLink* opening = nullptr;

// SQLite's access to files, with links in it: in its write-ahead mode every reading or writing transaction begins with
// a lock in shared memory, and there a broken link refuses it. "Locked" and not "busy", for which it would wait.
class LinkedFiles {
 public:
  static LinkedFiles& Instance() {
    static LinkedFiles files;
    return files;
  }

 private:
  LinkedFiles() : below_(sqlite3_vfs_find(nullptr)), linked_(*below_) {
    linked_.zName = "linked";
    linked_.xOpen = &Open;
    sqlite3_vfs_register(&linked_, 1);
  }

  static int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* given) {
    LinkedFiles& self = Instance();
    const int result = self.below_->xOpen(self.below_, name, file, flags, given);
    if (result != SQLITE_OK || opening == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) return result;
    const std::lock_guard guard(self.mutex_);
    self.links_[file] = opening;
    if (self.real_ == nullptr) self.PutBetween(file->pMethods);
    file->pMethods = &self.methods_;
    return result;
  }

  void PutBetween(const sqlite3_io_methods* real) {
    real_ = real;
    methods_ = *real;
    methods_.xShmLock = &ShmLock;
    methods_.xClose = &Close;
  }

  static int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
    LinkedFiles& self = Instance();
    if ((flags & SQLITE_SHM_LOCK) != 0 && self.IsDown(file)) return SQLITE_LOCKED;
    return self.real_->xShmLock(file, offset, count, flags);
  }

  static int Close(sqlite3_file* file) {
    LinkedFiles& self = Instance();
    const std::lock_guard guard(self.mutex_);
    self.links_.erase(file);
    return self.real_->xClose(file);
  }

  bool IsDown(sqlite3_file* file) {
    const std::lock_guard guard(mutex_);
    return links_.at(file)->down();
  }

  sqlite3_vfs* below_;
  sqlite3_vfs linked_;
  std::mutex mutex_;
  std::map<sqlite3_file*, const CatalogueLink*> links_;
  const sqlite3_io_methods* real_ = nullptr;
  sqlite3_io_methods methods_{};
};

}  // namespace

void CatalogueLink::OpenThrough(const std::function<void()>& open) const {
  (void)LinkedFiles::Instance();
  opening = this;
  try {
    open();
  } catch (...) {
    opening = nullptr;
    throw;
  }
  opening = nullptr;
}

}  // namespace cofre::world
