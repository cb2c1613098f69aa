#pragma once

// Reads a folder of this machine: names, times, modes, contents.
//
// Whole or not at all: what cannot be read, or does not hold still, ends the walk with an error. Links are never
// followed: each step is taken by name below an open descriptor, and refuses a link. What other file systems are
// mounted below is part of it. Sockets, devices and pipes have no content and are left out. See
// docs/decisions/0176.

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/folder.h"
#include "sources/source.h"

namespace cofre::sources {

// Throws not_found where `path` is not there; usage where it is no folder, or a link; permanent where something may not
// be read, the walk takes longer than limits.endless, or folders nest deeper than kDeepestFolder; transient where a
// file changes again and again while it is read.
class FolderWalk : public FolderDump {
 public:
  FolderWalk(const std::string& path, Limits limits, Clock& clock, std::stop_token stop);

  FolderStep Next() override;
  bool Open(FolderEntry& entry) override;
  size_t Read(MutableBytes buffer) override;
  bool Settled(FolderEntry& entry) override;

  const LeftOut& left_out() const override { return left_out_; }

 private:
  struct Level {
    FileDescriptor folder;
    std::string path;
    std::vector<std::string> names;  // in byte order
    size_t next = 0;
  };

  FolderStep Enter(FileDescriptor folder, std::string path, FolderEntry entry);
  // nullopt: it is no more, or it is left out.
  std::optional<FolderStep> Take(const std::string& name);
  std::optional<FolderStep> TakeFolder(const std::string& name);
  std::optional<FolderStep> TakeLink(const std::string& name, const struct stat& about);
  FolderEntry Describe(const std::string& name, EntryType type, const struct stat& about);
  std::string PathOf(const std::string& name) const;
  void RequireGoingOn() const;

  const std::string root_;
  const Limits limits_;
  Clock& clock_;
  const std::stop_token stop_;
  const Duration started_;
  bool begun_ = false;
  std::vector<Level> levels_;
  FileDescriptor file_;
  std::string file_path_;
  uint64_t file_bytes_ = 0;  // read of it
  int file_tries_ = 0;
  std::map<uint32_t, std::string> users_;
  std::map<uint32_t, std::string> groups_;
  LeftOut left_out_;
};

}  // namespace cofre::sources
