#include "sources/folder.h"

#include <utility>

#include "base/error.h"
#include "sources/dump_name.h"
#include "sources/folder_restore.h"
#include "sources/folder_walk.h"

namespace cofre::sources {
namespace {

class FolderOfFiles : public Source {
 public:
  FolderOfFiles(std::string path, Limits limits, Clock& clock)
      : path_(std::move(path)), limits_(limits), clock_(clock) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  }

  std::unique_ptr<ByteSource> Dump(std::stop_token) override { throw NoDump(); }
  std::unique_ptr<ByteSink> Restore(const std::string&, bool, std::stop_token) override { throw NoDump(); }

  std::unique_ptr<FolderDump> DumpFolder(std::stop_token stop) override {
    return std::make_unique<FolderWalk>(path_, limits_, clock_, std::move(stop));
  }

  std::unique_ptr<FolderSink> RestoreFolder(const std::string& target, bool replace, std::stop_token) override {
    return StartFolderRestore(target, replace);
  }

  ProbeResult Probe(std::stop_token stop) override {
    FolderWalk(path_, limits_, clock_, std::move(stop)).Next();
    return {};
  }

  std::optional<uint64_t> CountTables(const std::string&, std::stop_token) override { return std::nullopt; }

  // Its dots part nothing from an extension.
  std::string DumpName() const override { return DumpNameFromPath(path_ + ".", ""); }

 private:
  Error NoDump() const { return {ErrorKind::kUsage, path_ + " is a folder: it has no dump"}; }

  std::string path_;
  Limits limits_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> MakeFolderSource(std::string path, Limits limits, Clock& clock) {
  return std::make_unique<FolderOfFiles>(std::move(path), limits, clock);
}

}  // namespace cofre::sources
