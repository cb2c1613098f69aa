#include "sources/source.h"

#include "base/error.h"

namespace cofre::sources {

std::unique_ptr<FolderDump> Source::DumpFolder(std::stop_token) {
  throw Error(ErrorKind::kUsage, DumpName() + " is no folder");
}

std::unique_ptr<FolderSink> Source::RestoreFolder(const std::string&, bool, std::stop_token) {
  throw Error(ErrorKind::kUsage, DumpName() + " is no folder");
}

}  // namespace cofre::sources
