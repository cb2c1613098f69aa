#pragma once

// A folder of this machine, made anew.

#include <memory>
#include <string>

#include "base/folder.h"

namespace cofre::sources {

// Makes the folder beside `target`, for nobody else to see; Finish gives it its name in one step. Nothing is written
// over: without `replace` a target that is there is refused with kind usage unless it is a folder without entries; with
// it the folder that was there is removed once the new one is in its place. Destroyed before Finish, it leaves nothing.
//
// Each entry gets its times and mode; its owner too where this process is root, else set-user-id and set-group-id are
// left away. Entries are made by name below an open folder, and never through a link.
std::unique_ptr<FolderSink> StartFolderRestore(const std::string& target, bool replace);

}  // namespace cofre::sources
