#pragma once

// Where a dump comes from and where a restore goes: one database of some engine.
// Implementations: firebird.h, postgresql.h, mariadb.h, sqlite.h, command.h, folder.h. Which one a server needs is
// decided in service/wiring.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/folder.h"
#include "base/stream.h"

namespace cofre::sources {

struct Limits {
  std::chrono::seconds stall{300};  // a dump that gives no byte for this long is ended: kind transient
  // One that keeps us waiting longer than this in all is ended: kind permanent. Time in which nobody reads it, because
  // a store or a bandwidth limit is slow, does not count.
  std::chrono::seconds endless{1800};
  // Rebuilding indexes takes a multiple of the dump's time, and the operator waits for it.
  std::chrono::seconds restore{4 * 3600};
};

struct ProbeResult {
  std::string engine_version;          // as the server or the library says it; may be empty
  std::optional<uint64_t> size_bytes;  // of the database file, where it can be known cheaply
};

// What the names of scratch databases on a server begin with; nothing else is removed by DropScratch.
inline constexpr std::string_view kScratchPrefix = "cofre-drill-";

// What a folder holds and its backup does not: sockets, devices, pipes.
struct LeftOut {
  uint64_t count = 0;
  std::vector<std::string> examples;  // whole paths, a few
};

class FolderDump : public FolderSource {
 public:
  // As far as it was walked.
  virtual const LeftOut& left_out() const = 0;
};

class Source {
 public:
  virtual ~Source() = default;

  // The streams that follow may outlive the source, but not its clock.

  // Starts a dump. The stream ends in success only when the dump is whole (see base/stream.h); it is destroyed at any
  // moment without leaving a process behind. Errors, now or while reading: auth (wrong password), not_found (no such
  // database), transient (server unreachable, stalled), permanent (program missing, in use exclusively, endless),
  // corrupt (the engine says the database is damaged, or the stream ends too early).
  virtual std::unique_ptr<ByteSource> Dump(std::stop_token stop) = 0;

  // Starts a restore of what Dump gave, into `target` (a path, or what the engine connects to). Without `replace` an
  // existing target is refused with kind usage before anything is touched. With it the new database is built beside,
  // checked, and only then takes the place of the old one; until sink.Finish() has returned the old one is untouched.
  // An engine that cannot promise that refuses (kind usage): see firebird.h.
  virtual std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) = 0;

  // Both of the above for an engine whose backups are folders, not dumps (IsFolder in model/company.h): each engine has
  // one pair, and throws kind usage for the other. A target that is a folder without entries is as good as none.
  virtual std::unique_ptr<FolderDump> DumpFolder(std::stop_token stop);
  virtual std::unique_ptr<FolderSink> RestoreFolder(const std::string& target, bool replace, std::stop_token stop);

  // Signs in and looks, without dumping. Throws as Dump does.
  virtual ProbeResult Probe(std::stop_token stop) = 0;

  // Opens the database that a restore has made at `target` and counts its tables; nullopt for an engine that has none.
  // Throws as Probe does.
  virtual std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) = 0;

  // For engines whose databases live on a server only: removes a database of a restore drill there, where it is there.
  // `name` begins with kScratchPrefix. Throws as Probe does; kind transient where another drill is filling it.
  virtual void DropScratch(const std::string& name, std::stop_token stop) {
    (void)stop;
    throw Error(ErrorKind::kUsage, name + ": the engine has no scratch databases on a server");
  }

  // The file name of its dumps, as in "CONTAB.fbk": [A-Za-z0-9._-] only, constant for a database.
  virtual std::string DumpName() const = 0;
};

}  // namespace cofre::sources
