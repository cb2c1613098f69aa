#include "service/limited_source.h"

#include <string>
#include <utility>

#include "base/stop.h"

namespace cofre::service {
namespace {

// Waits before it reads, never in between: the time is not the dump's own (sources::Limits), and no process is left
// without a reader because of a stop.
class LimitedStream : public ByteSource {
 public:
  LimitedStream(std::unique_ptr<ByteSource> stream, std::shared_ptr<io::Bandwidth> bandwidth, std::stop_token stop)
      : stream_(std::move(stream)), bandwidth_(std::move(bandwidth)), stop_(std::move(stop)) {}

  size_t Read(MutableBytes buffer) override {
    // What was allowed and not read is kept, so that a stream which comes in small pieces is not slower than it may be.
    if (allowed_ == 0) allowed_ = bandwidth_->Take(buffer.size(), stop_);
    if (allowed_ == 0) ThrowIfStopped(stop_);
    const size_t got = stream_->Read(buffer.first(std::min(buffer.size(), allowed_)));
    allowed_ -= got;
    return got;
  }

 private:
  std::unique_ptr<ByteSource> stream_;
  std::shared_ptr<io::Bandwidth> bandwidth_;
  std::stop_token stop_;
  size_t allowed_ = 0;
};

class LimitedFolder : public sources::FolderDump {
 public:
  LimitedFolder(std::unique_ptr<sources::FolderDump> folder, std::shared_ptr<io::Bandwidth> bandwidth,
                std::stop_token stop)
      : folder_(std::move(folder)), bandwidth_(std::move(bandwidth)), stop_(std::move(stop)) {}

  FolderStep Next() override { return folder_->Next(); }
  bool Open(FolderEntry& entry) override { return folder_->Open(entry); }
  size_t Read(MutableBytes buffer) override {
    const size_t allowed = bandwidth_->Take(buffer.size(), stop_);
    if (allowed == 0) ThrowIfStopped(stop_);
    return folder_->Read(buffer.first(allowed));
  }
  bool Settled(FolderEntry& entry) override { return folder_->Settled(entry); }
  const sources::LeftOut& left_out() const override { return folder_->left_out(); }

 private:
  std::unique_ptr<sources::FolderDump> folder_;
  std::shared_ptr<io::Bandwidth> bandwidth_;
  std::stop_token stop_;
};

class LimitedSource : public sources::Source {
 public:
  LimitedSource(std::unique_ptr<sources::Source> source, std::shared_ptr<io::Bandwidth> bandwidth)
      : source_(std::move(source)), bandwidth_(std::move(bandwidth)) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    return std::make_unique<LimitedStream>(source_->Dump(stop), bandwidth_, stop);
  }
  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return source_->Restore(target, replace, std::move(stop));
  }
  std::unique_ptr<sources::FolderDump> DumpFolder(std::stop_token stop) override {
    return std::make_unique<LimitedFolder>(source_->DumpFolder(stop), bandwidth_, stop);
  }
  std::unique_ptr<FolderSink> RestoreFolder(const std::string& target, bool replace, std::stop_token stop) override {
    return source_->RestoreFolder(target, replace, std::move(stop));
  }
  sources::ProbeResult Probe(std::stop_token stop) override { return source_->Probe(std::move(stop)); }
  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    return source_->CountTables(target, std::move(stop));
  }
  void DropScratch(const std::string& name, std::stop_token stop) override {
    source_->DropScratch(name, std::move(stop));
  }
  std::string DumpName() const override { return source_->DumpName(); }

 private:
  std::unique_ptr<sources::Source> source_;
  std::shared_ptr<io::Bandwidth> bandwidth_;
};

}  // namespace

std::unique_ptr<sources::Source> Limit(std::unique_ptr<sources::Source> source,
                                       std::shared_ptr<io::Bandwidth> bandwidth) {
  return std::make_unique<LimitedSource>(std::move(source), std::move(bandwidth));
}

}  // namespace cofre::service
