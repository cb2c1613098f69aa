#include "engine/purge_job.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/error.h"
#include "engine/company_lock.h"
#include "engine/job_record.h"

namespace cofre::engine {
namespace {

// What is not named here goes between the last two.
constexpr std::array<std::string_view, 5> kOrder = {"snapshots/", "index/", "data/", "cofre/", "keys/"};

void DeleteAll(storage::ObjectStore& store, const std::vector<storage::ObjectInfo>& objects, uint64_t& bytes,
               const std::stop_token& stop) {
  std::vector<std::string> keys;
  keys.reserve(objects.size());
  for (const storage::ObjectInfo& object : objects) keys.push_back(object.key);
  if (keys.empty()) return;
  const std::vector<storage::DeleteFailure> failures = store.DeleteMany(keys, stop);
  if (!failures.empty()) {
    throw Error(ErrorKind::kTransient,
                fmt::format("{} objects could not be deleted; the first: {}: {}", failures.size(), failures[0].key,
                            failures[0].message),
                "run the same command again");
  }
  for (const storage::ObjectInfo& object : objects) bytes += object.size;
}

}  // namespace

uint64_t PurgeRepository(const Context& context, const Company& company, const std::stop_token& stop) {
  uint64_t bytes = 0;
  CompanyLock lock(context.lock_folder, company.id, "purge", context.clock->Now());
  JobRecord record(context, {.kind = JobKind::kPrune, .company = company.id});
  record.Run(
      [&] {
        lock.BeginDoubt();
        context.repositories->Drop(company.repository);
        const std::shared_ptr<storage::ObjectStore> store = context.repositories->StoreOf(company.repository);
        for (const std::string_view folder : kOrder) {
          // Locks, config and whatever else somebody put there.
          if (folder == "keys/") {
            std::vector<storage::ObjectInfo> rest = storage::ListAll(*store, "", stop);
            std::erase_if(rest, [](const storage::ObjectInfo& object) { return object.key.starts_with("keys/"); });
            DeleteAll(*store, rest, bytes, stop);
          }
          DeleteAll(*store, storage::ListAll(*store, std::string(folder), stop), bytes, stop);
        }
        lock.EndDoubt();
        record.SetBytes(bytes);
        record.SetMessage("purged");
      },
      stop);
  return bytes;
}

}  // namespace cofre::engine
