#include "sources/firebird_errors.h"

#include <array>

#include "base/text.h"
#include "base/utf8.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kHintAuth =
    "check the server's user and password file, and that the user may see this database";
constexpr std::string_view kHintCorrupt =
    "look at it with gfix -v -full; restore its last good backup under another name";
constexpr std::string_view kHintInUse =
    "somebody has it to himself: wait until he ends; where a server has it open, give that server's host";
constexpr std::string_view kHintShutdown = "bring it back with gfix -online";
constexpr std::string_view kHintAccess = "give the user that runs the database engine access to the file";
constexpr std::string_view kHintLocks =
    "the embedded engine keeps its locks in that folder: give the user that runs cofre access to it, or name another "
    "one in "
    "FIREBIRD_LOCK, the same for all who use these databases";
constexpr std::string_view kHintMissing = "check the path or alias, as the server sees it";
constexpr std::string_view kHintNetwork = "check that the server runs, and its host, port and network";
constexpr std::string_view kHintVersion = "use the tools and the server of the version that made the database";
constexpr std::string_view kHintDump = "this is no whole gbak backup; restore another one";
constexpr std::string_view kHintDisk = "free some space";

// The first phrase that is found decides: what says more about the cause comes first. Windows servers say some of it in
// Spanish, where accents are left out here.
constexpr std::array kMeanings = {
    // Signing in.
    Meaning{"your user name and password are not defined", ErrorKind::kAuth, kHintAuth},
    Meaning{"error occurred during login", ErrorKind::kAuth, kHintAuth},
    Meaning{"must be either sysdba or owner", ErrorKind::kAuth, kHintAuth},
    Meaning{"install incomplete", ErrorKind::kAuth, "the server has no users yet: initialise its security database"},
    Meaning{"no permission for", ErrorKind::kAuth, kHintAuth},
    Meaning{"incompatible wire encryption", ErrorKind::kPermanent, "make WireCrypt of client and server agree"},
    // A restore's own troubles.
    Meaning{"already exists", ErrorKind::kUsage, "name a database that does not exist"},
    Meaning{"backup incomplete", ErrorKind::kCorrupt, kHintDump},
    Meaning{"expected backup", ErrorKind::kCorrupt, kHintDump},
    Meaning{"unexpected end of file on backup", ErrorKind::kCorrupt, kHintDump},
    Meaning{"do not recognize", ErrorKind::kCorrupt, kHintDump},
    Meaning{"failure to activate", ErrorKind::kCorrupt, "the data breaks one of its own indexes: restore another one"},
    Meaning{"cannot commit index", ErrorKind::kCorrupt, "the data breaks one of its own indexes: restore another one"},
    // Damage.
    Meaning{"is not a valid database", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"file size is less than expected", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"appears corrupt", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"wrong page type", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"consistency check", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"checksum error", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"bugcheck", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"page appears encrypted", ErrorKind::kCorrupt, kHintCorrupt},
    Meaning{"unsupported on-disk structure", ErrorKind::kPermanent, kHintVersion},
    Meaning{"wrong ods version", ErrorKind::kPermanent, kHintVersion},
    // Somebody else has it.
    Meaning{"already opened", ErrorKind::kPermanent, kHintInUse},
    Meaning{"operation for file", ErrorKind::kPermanent, ""},  // see FileMeanings
    Meaning{" is in use", ErrorKind::kPermanent, kHintInUse},
    Meaning{"lock conflict", ErrorKind::kTransient, kHintInUse},
    Meaning{"lock time-out", ErrorKind::kTransient, kHintInUse},
    Meaning{"deadlock", ErrorKind::kTransient, kHintInUse},
    // Network and server.
    Meaning{"unable to complete network request", ErrorKind::kTransient, kHintNetwork},
    Meaning{"failed to establish a connection", ErrorKind::kTransient, kHintNetwork},
    Meaning{"failed to locate host machine", ErrorKind::kTransient, kHintNetwork},
    Meaning{"data from the connection", ErrorKind::kTransient, kHintNetwork},
    Meaning{"data to the connection", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection lost", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection shutdown", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection rejected", ErrorKind::kTransient, kHintNetwork},
    Meaning{"timeout", ErrorKind::kTransient, kHintNetwork},
    Meaning{"maximum user count exceeded", ErrorKind::kTransient, kHintNetwork},
    Meaning{" shutdown", ErrorKind::kPermanent, kHintShutdown},
    Meaning{"unavailable database", ErrorKind::kNotFound, kHintMissing},
    Meaning{"no space left", ErrorKind::kPermanent, kHintDisk},
    Meaning{"operating system directive", ErrorKind::kPermanent, kHintLocks},
    Meaning{"permission denied", ErrorKind::kPermanent, kHintAccess},
};

// For "I/O error during "open" operation for file ...", whose last line is the operating system's.
constexpr std::array kFileMeanings = {
    Meaning{"no space left", ErrorKind::kPermanent, kHintDisk},
    Meaning{"not enough space", ErrorKind::kPermanent, kHintDisk},
    Meaning{"espacio en disco insuficiente", ErrorKind::kPermanent, kHintDisk},
    Meaning{"permission denied", ErrorKind::kPermanent, kHintAccess},
    Meaning{"access is denied", ErrorKind::kPermanent, kHintAccess},
    Meaning{"acceso denegado", ErrorKind::kPermanent, kHintAccess},
    Meaning{"used by another process", ErrorKind::kPermanent, kHintInUse},
    Meaning{"utilizado por otro proceso", ErrorKind::kPermanent, kHintInUse},
    Meaning{"\"lock\"", ErrorKind::kPermanent, kHintInUse},
    Meaning{"no such file", ErrorKind::kNotFound, kHintMissing},
    Meaning{"cannot find the", ErrorKind::kNotFound, kHintMissing},
    Meaning{"no puede encontrar", ErrorKind::kNotFound, kHintMissing},
    Meaning{"error while trying to open file", ErrorKind::kNotFound, kHintMissing},
};

// A file may be called anything, also "timeout": only what is said about it counts.
std::string WithoutFileName(std::string text, std::string_view path) {
  static constexpr std::string_view kBefore = "for file \"";
  if (const size_t begin = text.find(kBefore); begin != std::string::npos) {
    const size_t end = text.find('"', begin + kBefore.size());
    text.erase(begin + kBefore.size(), end == std::string::npos ? end : end - begin - kBefore.size());
  }
  for (size_t at = text.find(path); !path.empty() && at != std::string::npos; at = text.find(path, at)) {
    text.erase(at, path.size());
  }
  return text;
}

const Meaning* MeaningOf(std::string_view text) {
  const Meaning* meaning = FindMeaning(kMeanings, text);
  if (meaning == nullptr || !meaning->hint.empty()) return meaning;
  return FindMeaning(kFileMeanings, text);
}

}  // namespace

std::string GbakErrors(std::string_view said) {
  std::string errors;
  ForEachLine(said, [&](std::string_view line) {
    // "ERROR: Backup incomplete" follows a question for another file, without gbak's name.
    if (TakePrefix(line, "gbak: ERROR:") || TakePrefix(line, "gbak:ERROR:") || TakePrefix(line, "ERROR:")) {
      AppendClause(errors, line);
    }
  });
  return errors;
}

std::string ToolErrors(std::string_view said) {
  std::string errors;
  ForEachLine(said, [&](std::string_view line) {
    if (line.starts_with("Statement failed") || line.starts_with("Use CONNECT or")) return;
    TakePrefix(line, "-");
    AppendClause(errors, line);
  });
  return errors;
}

Error FirebirdError(std::string_view errors, std::string_view database) {
  // "host/port:path" or a path; an alias has no path of its own to find in the text.
  const std::string shown = AsciiLower(database);
  const size_t path = shown.find_first_of("/\\", shown.find(':') == std::string::npos ? 0 : shown.find(':'));
  const std::string said = AsciiLower(errors);
  const Meaning* meaning =
      MeaningOf(WithoutFileName(said, path == std::string::npos ? "" : std::string_view(shown).substr(path)));
  std::string message(database);
  message.append(": ").append(ToValidUtf8(errors, kToolMessageLimit));
  if (meaning == nullptr) return {ErrorKind::kPermanent, message};
  return {meaning->kind, message, std::string(meaning->hint)};
}

}  // namespace cofre::sources
