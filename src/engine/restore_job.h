#pragma once

// Gets a backup back: into a database, a folder, a file, or any other sink.

#include <stop_token>
#include <string>

#include "base/stream.h"
#include "engine/context.h"
#include "repository/restore.h"

namespace cofre::engine {

// Restores `backup` into the database `target` of the server `server` (by name), with its engine's own means; see
// sources::Source::Restore for what `replace` means. Does not wait for other jobs of the company. Throws what that and
// repository::RestoreFile throw; not_found also where the snapshot is gone.
void RestoreToDatabase(const Context& context, const Backup& backup, const std::string& server,
                       const std::string& target, bool replace, repository::RestoreProgress* progress,
                       const std::stop_token& stop);

// The part of it that a drill does too: a snapshot's folder to `target`. See sources::Source::RestoreFolder.
repository::FolderContents RestoreFolderTo(repository::Repository& repository, const repository::Snapshot& snapshot,
                                           sources::Source& source, const std::string& target, bool replace,
                                           repository::RestoreProgress* progress, const std::stop_token& stop);

// The plain dump, as it came from the engine; of a folder a tar archive. Calls sink.Finish().
void RestoreToSink(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                   const std::stop_token& stop);

// The same without a job: for whoever keeps his own account of it.
void StreamDump(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                const std::stop_token& stop);

}  // namespace cofre::engine
