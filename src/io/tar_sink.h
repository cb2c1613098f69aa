#pragma once

// A folder as a tar archive: POSIX's pax form, which GNU tar, bsdtar, 7-Zip and Python read. Times are whole seconds.

#include <cstdint>
#include <string>
#include <vector>

#include "base/folder.h"
#include "base/stream.h"

namespace cofre::io {

class TarSink : public FolderSink {
 public:
  // The folder itself is called `name` in it. `out` outlives the sink; its Finish is called by Finish.
  TarSink(ByteSink& out, std::string name) : out_(out), name_(std::move(name)) {}

  void EnterFolder(const FolderEntry& entry) override;
  void LeaveFolder() override;
  void BeginFile(const FolderEntry& entry) override;
  void Write(ByteView data) override { out_.Write(data); }
  void EndFile() override;
  void AddLink(const FolderEntry& entry) override;
  void Finish() override;

 private:
  void WriteHeader(const FolderEntry& entry, const std::string& path, char type);

  ByteSink& out_;
  const std::string name_;
  std::vector<std::string> folders_;  // whole paths of those that are open
  uint64_t file_bytes_ = 0;
};

// How long the archive is that a TarSink makes of the same calls, with or without those of Write.
class TarSize : public FolderSink {
 public:
  explicit TarSize(std::string name) : tar_(counter_, std::move(name)) {}

  void EnterFolder(const FolderEntry& entry) override { tar_.EnterFolder(entry); }
  void LeaveFolder() override { tar_.LeaveFolder(); }
  void BeginFile(const FolderEntry& entry) override {
    tar_.BeginFile(entry);
    counter_.bytes += entry.size;
  }
  void Write(ByteView) override {}
  void EndFile() override { tar_.EndFile(); }
  void AddLink(const FolderEntry& entry) override { tar_.AddLink(entry); }
  void Finish() override { tar_.Finish(); }

  uint64_t bytes() const { return counter_.bytes; }

 private:
  struct Counter : ByteSink {
    void Write(ByteView data) override { bytes += data.size(); }
    void Finish() override {}
    uint64_t bytes = 0;
  };

  Counter counter_;
  TarSink tar_;
};

}  // namespace cofre::io
