#include "engine/export_job.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "base/bytes.h"
#include "base/error.h"
#include "engine/job_record.h"
#include "engine/restore_job.h"

namespace cofre::engine {
namespace {

constexpr uint64_t kLookEvery = 8 << 20;      // bytes of the dump
constexpr uint64_t kDiskReserve = 256 << 20;  // always left for others
// A database takes more than its dump: indexes, and room in its pages.
constexpr uint64_t kGrowth = 2;

// Looks now and then how much is taken.
class BoundedSink : public ByteSink {
 public:
  BoundedSink(std::unique_ptr<ByteSink> sink, const ExportOrder& order, std::atomic<uint64_t>& bytes)
      : sink_(std::move(sink)), order_(order), bytes_(bytes) {}

  void Write(ByteView data) override {
    sink_->Write(data);
    bytes_ += data.size();
    if (bytes_ < look_at_) return;
    look_at_ = bytes_ + kLookEvery;
    RequireRoom(order_, 0);
  }

  void Finish() override {
    sink_->Finish();
    RequireRoom(order_, 0);
  }

  // For `more` bytes beside what is there.
  static void RequireRoom(const ExportOrder& order, uint64_t more) {
    const uint64_t used = BytesBelow(order.all_folder);
    if (used + more > order.most_bytes) {
      throw Error(ErrorKind::kQuota,
                  fmt::format("ready databases may take {} together, and this one would make it {}",
                              HumanBytes(order.most_bytes), HumanBytes(used + more)),
                  "wait until others are removed, or raise [api] bases_gb");
    }
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(order.all_folder, error);
    if (error || space.available >= kDiskReserve + more) return;
    throw Error(ErrorKind::kQuota,
                fmt::format("the disk of {} has {} left, too little for this database", order.all_folder,
                            HumanBytes(space.available)),
                "free some space, or name another folder in [api] carpeta_bases");
  }

 private:
  std::unique_ptr<ByteSink> sink_;
  const ExportOrder& order_;
  std::atomic<uint64_t>& bytes_;
  uint64_t look_at_ = kLookEvery;
};

}  // namespace

uint64_t BytesBelow(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const uintmax_t size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

void RunExport(const Context& context, const ExportOrder& order, std::atomic<uint64_t>& bytes,
               const std::stop_token& stop) {
  const Backup backup = context.catalogue->FindBackup(order.snapshot_id);
  JobRecord record(context, {.kind = JobKind::kExport, .company = backup.company, .fiscal_year = backup.fiscal_year});
  record.SetBackup(backup, 0);
  record.Run(
      [&] {
        const Server server = context.catalogue->GetServer(context.catalogue->GetCompany(backup.company).server);
        if (!RestoresToFile(server.engine)) {
          throw Error(ErrorKind::kUsage,
                      fmt::format("a backup of {} has no form of a database in a file", EngineName(server.engine)),
                      "download the dump");
        }
        BoundedSink::RequireRoom(order, kGrowth * backup.dump_bytes);
        Database database = context.catalogue->GetDatabase(backup.company, backup.fiscal_year);
        database.method = MethodOfDump(backup.path);
        database.path = order.file;
        const auto source = context.make_source({.name = server.name, .engine = server.engine}, database);
        BoundedSink sink(source->Restore(order.file, false, stop), order, bytes);
        StreamDump(context, backup, sink, nullptr, stop);
      },
      stop);
}

}  // namespace cofre::engine
