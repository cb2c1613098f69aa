#pragma once

// Firebird databases (2.5 to 5) through gbak to and from its standard streams. Credentials go to the tools by their
// environment (ISC_USER, ISC_PASSWORD), never as arguments.

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "model/company.h"
#include "sources/source.h"

namespace cofre::sources {

// Programs; one without '/' is looked for in PATH.
struct FirebirdTools {
  std::string gbak = "gbak";
  std::string isql = "isql-fb";
  std::string gfix = "gfix";
  std::string nbackup = "nbackup";
};

struct FirebirdSettings {
  // host, port and user are used. An empty host means the embedded engine: files of this machine.
  Server server;
  std::string database;  // path or alias on the server, in UTF-8
  Secret password;       // empty: none is given, which the embedded engine accepts
  FirebirdTools tools;
  Limits limits;
  DumpMethod method = DumpMethod::kLogical;
  // Where it is written down which databases a physical copy has locked (firebird_copy_lock.h); made where it is
  // missing. Needed for DumpMethod::kPhysical, and empty where there never was one.
  std::string marks_folder;
};

// `clock` outlives the source. Restore's target is a path (or, on a server, an alias): on the embedded engine relative
// to the working folder. A restore onto an existing database of a server is refused even with `replace`, since nothing
// can rename a file there: restore under a new name. The dump's stream is a gbak backup, which any gbak restores; with
// DumpMethod::kPhysical it is an nbackup of level 0, for databases of this machine alone, and Restore takes such a one.
std::unique_ptr<Source> MakeFirebirdSource(FirebirdSettings settings, Clock& clock);

}  // namespace cofre::sources
