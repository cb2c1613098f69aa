#include "service/watched_source.h"

#include <string>
#include <utility>

#include "base/error.h"

namespace cofre::service {
namespace {

template <typename Work>
auto Watched(const SourceFailure& failure, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kTransient) *failure = true;
    throw;
  }
}

class WatchedStream : public ByteSource {
 public:
  WatchedStream(std::unique_ptr<ByteSource> stream, SourceFailure failure)
      : stream_(std::move(stream)), failure_(std::move(failure)) {}
  size_t Read(MutableBytes buffer) override {
    return Watched(failure_, [&] { return stream_->Read(buffer); });
  }

 private:
  std::unique_ptr<ByteSource> stream_;
  SourceFailure failure_;
};

class WatchedFolder : public sources::FolderDump {
 public:
  WatchedFolder(std::unique_ptr<sources::FolderDump> folder, SourceFailure failure)
      : folder_(std::move(folder)), failure_(std::move(failure)) {}
  FolderStep Next() override {
    return Watched(failure_, [&] { return folder_->Next(); });
  }
  bool Open(FolderEntry& entry) override {
    return Watched(failure_, [&] { return folder_->Open(entry); });
  }
  size_t Read(MutableBytes buffer) override {
    return Watched(failure_, [&] { return folder_->Read(buffer); });
  }
  bool Settled(FolderEntry& entry) override {
    return Watched(failure_, [&] { return folder_->Settled(entry); });
  }
  const sources::LeftOut& left_out() const override { return folder_->left_out(); }

 private:
  std::unique_ptr<sources::FolderDump> folder_;
  SourceFailure failure_;
};

class WatchedSource : public sources::Source {
 public:
  WatchedSource(std::unique_ptr<sources::Source> source, SourceFailure failure)
      : source_(std::move(source)), failure_(std::move(failure)) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    auto stream = Watched(failure_, [&] { return source_->Dump(std::move(stop)); });
    return std::make_unique<WatchedStream>(std::move(stream), failure_);
  }
  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return source_->Restore(target, replace, std::move(stop));
  }
  std::unique_ptr<sources::FolderDump> DumpFolder(std::stop_token stop) override {
    auto folder = Watched(failure_, [&] { return source_->DumpFolder(std::move(stop)); });
    return std::make_unique<WatchedFolder>(std::move(folder), failure_);
  }
  std::unique_ptr<FolderSink> RestoreFolder(const std::string& target, bool replace, std::stop_token stop) override {
    return source_->RestoreFolder(target, replace, std::move(stop));
  }
  sources::ProbeResult Probe(std::stop_token stop) override {
    return Watched(failure_, [&] { return source_->Probe(std::move(stop)); });
  }
  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    return source_->CountTables(target, std::move(stop));
  }
  void DropScratch(const std::string& name, std::stop_token stop) override {
    source_->DropScratch(name, std::move(stop));
  }
  std::string DumpName() const override { return source_->DumpName(); }

 private:
  std::unique_ptr<sources::Source> source_;
  SourceFailure failure_;
};

}  // namespace

std::unique_ptr<sources::Source> Watch(std::unique_ptr<sources::Source> source, SourceFailure failure) {
  return std::make_unique<WatchedSource>(std::move(source), std::move(failure));
}

}  // namespace cofre::service
