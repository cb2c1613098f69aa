#include "model/link.h"

#include "base/error.h"
#include "base/text.h"

namespace cofre {

std::string_view DownloadFormName(DownloadForm form) { return form == DownloadForm::kDump ? "dump" : "database"; }

DownloadForm ParseDownloadForm(std::string_view name) {
  if (name == "dump") return DownloadForm::kDump;
  if (name == "database") return DownloadForm::kDatabase;
  throw Error(ErrorKind::kUsage, Quoted(name) + " is no form of a download", "one of dump, database");
}

std::string_view LinkState(const DownloadLink& link, TimePoint now) {
  if (link.revoked) return "revoked";
  if (link.expires <= now) return "expired";
  return link.uses >= link.most_uses ? "used_up" : "active";
}

}  // namespace cofre
