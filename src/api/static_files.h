#pragma once

// The operator's page as a build of web/ leaves it: an index.html and what it loads. All of it is read into memory at
// the start, so the path of a request is a key to look up and never comes near the file system.

#include <map>
#include <optional>
#include <string>

#include "api/message.h"
#include "base/random.h"

namespace cofre::api {

// Where the page lies: share/cofre/web beside the folder that this program is in (/usr/bin/cofre:
// /usr/share/cofre/web). Empty where the system does not tell the program's place.
std::string PageFolder();

// Thread-safe. A few MB.
class StaticFiles {
 public:
  // A folder that is missing or has no index.html serves nothing, so a server without the page is a server of the API.
  // Symbolic links in it are left out. Throws kind permanent for a folder of more than 64 MB or 2,000 files, and where
  // it cannot be read. `random` outlives it.
  StaticFiles(const std::string& folder, Random& random);

  // Whether there was an index.html.
  bool has_page() const { return has_index_; }

  // Nullopt where `request` is for none of it: another method than GET, what is below /api/, a file that is not there.
  // Files below /assets/ have their content's hash in their name, so a browser keeps them for ever; "NAME.gz" beside a
  // file is sent in its place to who takes gzip. A path that names no file, as /empresas/900869750, is one of the
  // page's own: index.html, with its Content-Security-Policy.
  std::optional<Response> Answer(const Request& request) const;

 private:
  struct File {
    std::string type;
    std::string body;
    std::string zipped;  // empty: there is none
    std::string etag;
  };

  void Read(const std::string& folder);
  Response Send(const Request& request, const std::string& path, const File& file) const;
  Response SendIndex() const;

  Random& random_;
  std::map<std::string, File> files_;  // by path, "/assets/index-1a2b.js"
  std::string before_nonce_;           // of index.html, which has a place for it
  std::string after_nonce_;
  bool has_index_ = false;
};

}  // namespace cofre::api
