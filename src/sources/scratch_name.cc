#include "sources/scratch_name.h"

#include "base/error.h"
#include "base/text.h"
#include "sources/source.h"

namespace cofre::sources {

void RequireScratchName(const std::string& name) {
  if (name.starts_with(kScratchPrefix) && name.size() > kScratchPrefix.size()) return;
  throw Error(ErrorKind::kUsage, Quoted(name) + " is not the name of a scratch database, and is not removed");
}

}  // namespace cofre::sources
