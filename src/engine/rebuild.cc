#include "engine/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "engine/company_lock.h"
#include "engine/manifest.h"
#include "engine/reconcile.h"
#include "engine/snapshot_record.h"

namespace cofre::engine {
namespace {

using catalogue::Catalogue;

template <typename Function>
bool Accepts(Function parse, const std::string& text) {
  try {
    return parse(text) == text;
  } catch (const Error&) {
    return false;
  }
}

// Places of repositories below the store: "<server>/<company>". Other folders are none of ours.
std::vector<std::string> FindRepositories(storage::ObjectStore& store, const std::stop_token& stop) {
  std::vector<std::string> found;
  for (const std::string& server : store.ListFolders("", stop)) {
    if (!Accepts([](std::string_view text) { return ParseServerName(text); }, server)) continue;
    for (const std::string& company : store.ListFolders(server + "/", stop)) {
      if (!Accepts([](std::string_view text) { return ParseCompanyId(text); }, company)) continue;
      found.push_back(fmt::format("{}/{}", server, company));
    }
  }
  return found;
}

template <typename Value>
const Value* FindIf(const std::vector<Value>& values, const std::function<bool(const Value&)>& fits) {
  const auto at = std::find_if(values.begin(), values.end(), fits);
  return at == values.end() ? nullptr : &*at;
}

// What `get` gives, or nothing where there is no such thing.
template <typename Get>
auto Find(Get get) -> std::optional<decltype(get())> {
  try {
    return get();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return std::nullopt;
  }
}

class Rebuild {
 public:
  Rebuild(const Context& context, RebuildReport& report, const std::stop_token& stop)
      : context_(context), catalogue_(*context.catalogue), report_(report), stop_(stop) {}

  void Add(const std::string& path) {
    path_ = path;
    const std::string id = path.substr(path.find('/') + 1);
    CompanyLock lock(context_.lock_folder, id, "catalogue rebuild", context_.clock->Now());
    const CompanyRepositories::Lease open = context_.repositories->Open(path, stop_);
    const Manifest manifest = ReadManifest(*open, id);

    catalogue::Transaction transaction(catalogue_);
    AddServer(manifest.server);
    const Company company = AddCompany(manifest.company);
    AddDatabases(manifest.databases, company);
    const ReconcileReport reconciled = Reconcile(context_, *open, company, stop_);
    AddNotes(manifest.notes, reconciled.added);
    transaction.Commit();
    report_.backups += reconciled.added.size();
    report_.removed_backups += reconciled.removed.size();
    lock.EndDoubt();
  }

 private:
  void Note(std::string message) { report_.notes.push_back({path_, std::move(message)}); }

  // The manifest, completed from what the snapshots say: one that crashed before its manifest was written again, or
  // that never had one, gives up no backup.
  Manifest ReadManifest(OpenRepository& open, const std::string& id) {
    std::optional<Manifest> manifest;
    try {
      const auto stored = open.repository->ReadExtra(kManifestName, stop_);
      if (stored) manifest = ManifestFromJson(AsText(*stored));
      if (!stored) Note("has no manifest: give the company's name and the server's address again");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      Note(fmt::format("its manifest can't be read ({}): give the company's name and the server's address again",
                       error.what()));
    }
    if (manifest && manifest->company.id != id) {
      Note(fmt::format("its manifest is that of company {} and is not used", manifest->company.id));
      manifest.reset();
    }
    const std::string server = path_.substr(0, path_.find('/'));
    if (!manifest) {
      manifest = Manifest{.company = {.id = id, .name = id, .server = server}, .server = {.name = server}};
    }
    manifest->company.repository = path_;
    AddDatabasesOfSnapshots(open, *manifest);
    return *manifest;
  }

  void AddDatabasesOfSnapshots(OpenRepository& open, Manifest& manifest) {
    for (const repository::Snapshot& snapshot : open.repository->ListSnapshots(stop_)) {
      const auto recorded = ReadSnapshot(snapshot);
      if (!recorded || recorded->backup.company != manifest.company.id) continue;
      const int year = recorded->backup.fiscal_year;
      const auto [oldest, is_first] = oldest_.try_emplace(year, recorded->backup.time);
      if (!is_first) oldest->second = std::min(oldest->second, recorded->backup.time);
      if (FindIf<Database>(manifest.databases, [&](const Database& known) { return known.fiscal_year == year; }))
        continue;
      const std::string& path = recorded->backup.path;
      manifest.databases.push_back({.company = manifest.company.id,
                                    .fiscal_year = year,
                                    .path = path.substr(path.rfind('/') + 1),
                                    .method = MethodOfDump(path),
                                    .average_blob_bytes = recorded->average_blob_bytes});
      if (recorded->engine && manifest.server.host.empty()) manifest.server.engine = *recorded->engine;
      Note(fmt::format("the place of its database of {0} is not known: cofre database set {1} {0} --path PATH", year,
                       manifest.company.id));
    }
  }

  void AddServer(const Server& server) {
    if (Find([&] { return catalogue_.GetServer(server.name); })) return;
    catalogue_.AddServer(server);
    ++report_.servers;
  }

  Company AddCompany(const Company& company) {
    const auto known = Find([&] { return catalogue_.GetCompany(company.id); });
    if (!known) {
      catalogue_.AddCompany(company);
      ++report_.companies;
      return company;
    }
    if (known->repository != path_) {
      throw Error(ErrorKind::kPermanent,
                  fmt::format("company {} is registered with the repository {}", company.id, known->repository),
                  "one company has one repository: remove the company or this repository");
    }
    return *known;
  }

  void AddDatabases(const std::vector<Database>& databases, const Company& company) {
    const auto registered = catalogue_.ListDatabases({.company = company.id});
    for (const Database& database : databases) {
      if (FindIf<Database>(registered,
                           [&](const Database& known) { return known.fiscal_year == database.fiscal_year; })) {
        continue;
      }
      const auto oldest = oldest_.find(database.fiscal_year);
      catalogue_.AddDatabase(database, oldest == oldest_.end() ? context_.clock->Now() : oldest->second);
      ++report_.databases;
    }
  }

  void AddNotes(const std::vector<BackupNote>& notes, const std::vector<Backup>& added) {
    for (const BackupNote& note : notes) {
      if (!FindIf<Backup>(added, [&](const Backup& backup) { return backup.snapshot_id == note.snapshot_id; }))
        continue;
      if (note.pinned_until) catalogue_.PinBackup(note.snapshot_id, note.pinned_until);
      if (note.complete_at) catalogue_.MarkComplete(note.snapshot_id, *note.complete_at);
      if (note.verified_at) catalogue_.MarkVerified(note.snapshot_id, *note.verified_at);
      if (note.drilled_at) catalogue_.MarkDrilled(note.snapshot_id, *note.drilled_at, note.drill_problem);
    }
  }

  const Context& context_;
  Catalogue& catalogue_;
  RebuildReport& report_;
  std::stop_token stop_;
  std::string path_;
  std::map<int, TimePoint> oldest_;  // backup of each fiscal year: its database was known then
};

}  // namespace

RebuildReport RebuildCatalogue(const Context& context, const std::function<void(const std::string&)>& on_repository,
                               const std::stop_token& stop) {
  RebuildReport report;
  for (const std::string& path : FindRepositories(context.repositories->store(), stop)) {
    ++report.repositories;
    if (on_repository) on_repository(path);
    RebuildReport added = report;
    try {
      Rebuild(context, added, stop).Add(path);
      report = std::move(added);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled) throw;
      report.problems.push_back({path, error.what()});
    }
  }
  return report;
}

}  // namespace cofre::engine
