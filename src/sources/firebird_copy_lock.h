#pragma once

// The backup state of a database that is copied page by page (nbackup): as long as it lasts, changes go to a difference
// file beside the database ("CONTAB.FDB.delta"). nbackup ends it, unless it is killed; left alone it would stay for
// ever.
//
// So that Cofre never leaves one behind, a mark is written before a copy begins, and goes once the database is known to
// be out of that state. A mark that nobody holds is one of a process that died: the next dump of that database, of
// either method, ends the state. Without a mark the state is somebody else's (an operator's `nbackup -L`) and is not
// touched.

#include <stop_token>
#include <string>

#include "base/file.h"
#include "sources/firebird_tools.h"

namespace cofre::sources {

// Whether the database is in backup state now, or leaving it. Throws as FirebirdConnection::Query does.
bool IsInBackupState(const FirebirdConnection& connection, const std::string& address, std::stop_token stop);

// One copy's hold of a database. Holders of the same database exclude each other, whatever process they are in.
class CopyLock {
 public:
  // Ends a state that a copy of ours left, then writes the mark, durably. Throws transient where another copy of ours
  // is under way, permanent where somebody else has the database in backup state, and what looking at it throws.
  CopyLock(const FirebirdConnection& connection, const std::string& address, const std::stop_token& stop);
  // Ends the state where it lasts. The process that copied must have ended. Never throws: where this fails the mark
  // stays, and the next dump tries again.
  ~CopyLock();
  CopyLock(const CopyLock&) = delete;
  CopyLock& operator=(const CopyLock&) = delete;

 private:
  FirebirdConnection connection_;
  std::string address_;
  FileDescriptor mark_;
};

// Ends a state that a copy of ours left; nothing where there is no mark, or a copy is under way. For dumps that lock
// nothing themselves.
void EndLeftBackupState(const FirebirdConnection& connection, const std::string& address, const std::stop_token& stop);

}  // namespace cofre::sources
