#pragma once

// The catalogue: what the operator registered (servers, companies, databases) and what Cofre did (backups, jobs), in a
// database of its own. It describes the bucket and never replaces it: `cofre catalogue rebuild` makes it anew.
//
// SQLite through SOCI; the SQL is kept to what PostgreSQL reads alike, and backend.h is the one place that names the
// engine (docs/decisions/0050).
//
// Threads: every method is safe from any thread. Several processes may have the same catalogue open.
// Blocking: a method waits for other threads, for another process's write (10 s at most, then kind transient) and for
// the disk; it never touches the network. Durability: what a method wrote is on disk when it returns, or, inside a
// Transaction, when Commit returns. After an error or a crash nothing of it is there. Errors, of every method:
// transient (another process keeps it locked), permanent (disk full, no access, a catalogue of a newer Cofre), corrupt
// (the file is damaged). Values are checked before they are stored (model/validate.h): kind usage.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/backup.h"
#include "model/company.h"

namespace cofre::catalogue {

// Absent means any.
struct CompanyFilter {
  std::string server;
};
struct DatabaseFilter {
  std::string company;
};
struct BackupFilter {
  std::string company;
  std::optional<int> fiscal_year;
};
struct JobFilter {
  std::string company;
  std::optional<int> fiscal_year;
  std::optional<JobKind> kind;
  std::optional<JobState> state;
};

// How a job ended.
struct JobOutcome {
  JobState state = JobState::kDone;  // not kRunning
  TimePoint ended{};
  std::string error_kind;  // base/error.h's name; empty unless failed
  std::string message;     // without secrets; cut at 4 KiB
  uint64_t bytes = 0;
};

// What to do with what hangs on a thing that is removed.
enum class Contents : uint8_t {
  kRefuse,  // kind usage, saying what is there
  kForget,  // its records go too; nothing in the bucket is touched, and a rebuild brings them back
};

class Catalogue {
 public:
  // `url` is a path or "sqlite:PATH". Brings an older catalogue up to date first. Throws not_found where there is none:
  // an empty one in the wrong place would look like a fleet without backups.
  static std::unique_ptr<Catalogue> Open(const std::string& url);
  // The same, but makes an empty one (mode 0640) where there is none. Its folder must exist.
  static std::unique_ptr<Catalogue> OpenOrCreate(const std::string& url);

  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // The newest migration that this catalogue has.
  int SchemaVersion();

  // Add: kind usage where it exists. Update: replaces all fields; kind not_found where it is missing. Get: kind
  // not_found. Lists are in ascending order of the key.

  void AddServer(const Server& server);
  void UpdateServer(const Server& server);
  Server GetServer(const std::string& name);
  std::vector<Server> ListServers();
  void RemoveServer(const std::string& name);  // kind usage while companies use it

  // An empty `repository` becomes "<server>/<id>". No two companies have the same one. The server must exist.
  void AddCompany(const Company& company);
  // `repository` must be empty or what it is: a company's repository doesn't move.
  void UpdateCompany(const Company& company);
  Company GetCompany(const std::string& id);
  std::vector<Company> ListCompanies(const CompanyFilter& filter = {});
  void RemoveCompany(const std::string& id, Contents contents);

  // The key is company and fiscal year. The company must exist.
  void AddDatabase(const Database& database);
  void UpdateDatabase(const Database& database);  // all but average_blob_bytes
  Database GetDatabase(const std::string& company, int fiscal_year);
  std::vector<Database> ListDatabases(const DatabaseFilter& filter = {});
  void RemoveDatabase(const std::string& company, int fiscal_year, Contents contents);
  // Sets it where it is 0 and returns what stands: the choice is made once.
  uint32_t SetAverageBlobBytes(const std::string& company, int fiscal_year, uint32_t bytes);

  // The database must exist. Backups are listed by company and fiscal year, the newest of each first.
  void AddBackup(const Backup& backup);
  std::vector<Backup> ListBackups(const BackupFilter& filter = {});
  // By its id or the beginning of it, at least 4 digits. Throws not_found, and usage where several begin so.
  Backup FindBackup(const std::string& id_prefix);
  // The other ones take the whole id and throw not_found.
  void RemoveBackup(const std::string& snapshot_id);
  void PinBackup(const std::string& snapshot_id, std::optional<TimePoint> until);  // nullopt: no longer
  void MarkVerified(const std::string& snapshot_id, TimePoint at);

  // Stores `job` as running (whatever its state says) and returns its id. Ids grow and are never used again.
  int64_t StartJob(const Job& job);
  // Throws not_found where no such job is running.
  void FinishJob(int64_t id, const JobOutcome& outcome);
  // Ends each running job whose owner `is_alive` denies (base/process_identity.h) as interrupted, and returns them.
  std::vector<Job> MarkRunningJobsInterrupted(const std::function<bool(const std::string& owner)>& is_alive,
                                              TimePoint now);
  // Newest first, at most `limit`.
  std::vector<Job> ListJobs(const JobFilter& filter, size_t limit);

 private:
  friend class Transaction;
  struct State;
  explicit Catalogue(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// All that its thread does with the catalogue between construction and Commit, or nothing of it. Other threads and
// processes wait meanwhile: keep it short, and wait for nothing inside. One inside another joins it; where an inner one
// was given up the outer one can't commit (kind permanent). Belongs to the thread that made it.
class Transaction {
 public:
  explicit Transaction(Catalogue& catalogue);
  ~Transaction();  // gives up what was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void Commit();

 private:
  Catalogue& catalogue_;
  bool committed_ = false;
};

}  // namespace cofre::catalogue
