#pragma once

// The catalogue: what the operator registered (servers, companies, databases) and what Cofre did (backups, jobs), in a
// database of its own. It describes the bucket and never replaces it: `cofre catalogue rebuild` makes it anew.
//
// An SQLite file of one machine, or a PostgreSQL database that the nodes of a fleet share, through SOCI; the SQL is
// kept to what both read alike, and backend.h is the one place that names the engine (docs/decisions/0050).
//
// Threads: every method is safe from any thread; it has one connection. Several processes may have the same catalogue
// open. Blocking: a method waits for other threads, for another process's write (10 s at most, 30 s with PostgreSQL,
// then kind transient) and for the disk, or the network up to about 15 s. Durability: what a method wrote is on disk
// when it returns, or, inside a Transaction, when Commit returns. After an error or a crash nothing of it is there, but
// for one case: where the connection to PostgreSQL breaks during Commit (kind transient), all of it may be. Errors, of
// every method: transient (another process keeps it locked; the server is away: a later call connects anew), permanent
// (disk full, no access, a catalogue of a newer Cofre), corrupt (the file is damaged). Values are checked before they
// are stored (model/validate.h): kind usage.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/alert.h"
#include "model/backup.h"
#include "model/company.h"
#include "model/node.h"
#include "model/service_state.h"

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
  std::optional<JobReason> reason;
  std::string server;                      // of the company, as it is now
  std::optional<TimePoint> ended_since;    // leaves out those that have not ended
  std::optional<TimePoint> started_since;  // leaves out those that have not started
  std::optional<TimePoint> queued_since;
  std::optional<int64_t> batch;
  std::optional<int64_t> before;  // ids below that: the next page of a list
};

// How a job ended.
struct JobOutcome {
  JobState state = JobState::kDone;  // not kQueued, not kRunning
  TimePoint ended{};
  std::string error_kind;  // base/error.h's name; empty unless failed
  std::string message;     // without secrets; cut at 4 KiB
  uint64_t bytes = 0;
  uint64_t stored_bytes = 0;
  std::string snapshot_id;
};

struct ClaimRequest {
  std::string owner;  // base/process_identity.h
  std::string node;   // its name: it takes backups and drills of servers that are bound to it or to none
  TimePoint now{};
  TimePoint lease_until{};
  // Asked once it is this process's turn to write, which may be later than `now`: both times move on by the wait.
  const Clock* clock = nullptr;
};

// A database's newest backup, and the last restore drill of any of its backups.
struct NewestBackup {
  std::string company;
  int fiscal_year = 0;
  std::optional<TimePoint> time;  // nullopt where all are dated later than was asked for
  std::optional<TimePoint> drilled_at;
  bool dated_later = false;  // one of them is
};

// Companies of which something changed that a plan is made of (ListCompanyChanges), and up to which version that is
// all.
struct CompanyChanges {
  int64_t version = 0;
  std::vector<std::string> companies;  // also such as were removed
};

// Tells whether the process of that name (base/process_identity.h) may still run.
using MayLive = std::function<bool(const std::string& owner)>;

// Whether a URL names a catalogue that many nodes may share: postgresql://USER@HOST:PORT/DATABASE.
bool IsShared(std::string_view url);
// The URL as messages show it: without a password.
std::string ShownUrl(const std::string& url);

// What to do with what hangs on a thing that is removed.
enum class Contents : uint8_t {
  kRefuse,  // kind usage, saying what is there
  kForget,  // its records go too; nothing in the bucket is touched, and a rebuild brings them back
};

class Catalogue {
 public:
  // `url` is a path, "sqlite:PATH" or "postgresql://USER@HOST/DATABASE". Brings an older catalogue up to date first.
  // Throws not_found where there is none: an empty one in the wrong place would look like a fleet without backups.
  static std::unique_ptr<Catalogue> Open(const std::string& url);
  // The same, but makes an empty one where there is none: a file of mode 0640, whose folder must exist, or the tables
  // in a PostgreSQL database that must exist and be empty.
  static std::unique_ptr<Catalogue> OpenOrCreate(const std::string& url);

  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // The time that all nodes of a shared catalogue agree on, the database server's; nullopt for a file, where the
  // machine's own counts.
  std::optional<TimePoint> SharedTime();

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
  std::optional<Company> FindCompany(const std::string& id);  // nullopt where it is missing
  std::vector<Company> ListCompanies(const CompanyFilter& filter = {});
  void RemoveCompany(const std::string& id, Contents contents);

  // The key is company and fiscal year. The company must exist. `known_since`: when it was registered, in its state.
  void AddDatabase(const Database& database, TimePoint known_since);
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
  void MarkComplete(const std::string& snapshot_id, TimePoint at);
  // `problem` is empty for a drill that passed; cut at 4 KiB.
  void MarkDrilled(const std::string& snapshot_id, TimePoint at, const std::string& problem);
  // Of every database that has one, or of those of this company, by company and fiscal year; those dated after `until`
  // don't count.
  std::vector<NewestBackup> ListNewestBackups(TimePoint until, const std::string& company = "");

  // Stores `job` as running, without a queue, and returns its id. Ids grow and are never used again.
  int64_t StartJob(const Job& job);
  // `token` as the job was claimed with, 0 for one that was started without a queue. Throws not_found where no such job
  // is running, or somebody else's claim has taken its place.
  void FinishJob(int64_t id, const JobOutcome& outcome, int64_t token = 0);
  // Ends each running job whose owner is gone as interrupted, and returns them. Gone is one that `may_live` denies, and
  // one whose lease is over by `now` unless `lives` confirms it (a clock that jumps is no death).
  std::vector<Job> MarkRunningJobsInterrupted(const MayLive& may_live, TimePoint now, const MayLive& lives = nullptr);
  // Newest first, at most `limit`.
  std::vector<Job> ListJobs(const JobFilter& filter, size_t limit);
  Job GetJob(int64_t id);  // kind not_found
  // Forgets jobs that ended before then, the oldest first and at most `limit`; returns how many. Kept are each
  // database's last of every kind, those that made or tried a backup that is still there, and those of the newest
  // batch.
  size_t RemoveJobsEndedBefore(TimePoint time, size_t limit);

  // The queue. A database has at most one queued job of a kind (of exports, a backup has).

  // Stores `job` as queued and returns its id. Where one of its kind, company and fiscal year is queued already, that
  // one stays, with the more pressing priority and its reason, the earlier time and the pin of the two; its id is
  // returned.
  int64_t EnqueueJob(const Job& job);
  // The highest number of a batch so far; 0: none.
  int64_t NewestBatch();
  // Takes the first job (lowest priority number, then oldest) that may run at `request.now` and marks it running;
  // nullopt where there is none. Left in the
  // queue are jobs of companies that have one running (restores aside), backups of servers that have as many running
  // as they bear, and, unless they are manual, backups of servers that the operator has paused and all while everything
  // is paused. One transaction: two processes never get the same job.
  std::optional<Job> ClaimJob(const ClaimRequest& request);
  // The owner's sign of life. False where the job is no longer his: he must stop, and may not finish it.
  bool RenewJob(int64_t id, int64_t token, TimePoint lease_until, uint64_t bytes);
  // Throws transient where the job is no longer his, for whoever is about to change what only its holder may. Inside a
  // Transaction it stays true until Commit.
  void RequireClaim(int64_t id, int64_t token);
  // Puts a claimed job back into the queue: what it needs is busy. Where another one of its kind is queued meanwhile
  // that one stands for both, and this one ends as interrupted. Throws as FinishJob does.
  void RequeueJob(int64_t id, int64_t token, TimePoint not_before);
  // Ends a queued job as interrupted; false where it is no longer queued.
  bool CancelQueuedJob(int64_t id, TimePoint now, const std::string& message);
  // When the next queued job may run that may not yet.
  std::optional<TimePoint> NextQueuedTime(TimePoint after);

  // What is known beside what the operator said. One without a row is as a new one. Rows go with what they tell of.
  std::vector<ServerState> ListServerStates();
  std::optional<ServerState> FindServerState(const std::string& server);
  void PutServerState(const ServerState& state);
  std::vector<CompanyState> ListCompanyStates();
  std::optional<CompanyState> FindCompanyState(const std::string& company);
  void PutCompanyState(const CompanyState& state);
  // One of every database, or of those of this company. The last attempt is kept by FinishJob and
  // MarkRunningJobsInterrupted.
  std::vector<DatabaseState> ListDatabaseStates(const std::string& company = "");
  void PutDatabaseChange(const DatabaseState& state);    // changed_at and fingerprint alone
  void PutDatabaseSighting(const DatabaseState& state);  // seen_at and vanished_at alone

  // Which companies have changed since that version, with what hangs on them: their own row and state, databases, last
  // attempts, backups (but for pins and verifications). What PutDatabaseChange and PutDatabaseSighting write is none.
  CompanyChanges ListCompanyChanges(int64_t after);
  int64_t ChangesVersion();  // the newest

  // False where it was so already. An empty server means everything.
  bool AddPause(const std::string& server, TimePoint now);
  bool RemovePause(const std::string& server);
  std::vector<Pause> ListPauses();

  // A right that one process has at a time. True where `owner` has it until `until` now: it was free, his own, over by
  // `now`, or its owner is gone by `may_live`.
  bool TakeLease(const std::string& name, const std::string& owner, TimePoint now, TimePoint until,
                 const MayLive& may_live);
  void ReleaseLease(const std::string& name, const std::string& owner);
  // Who has it, if somebody has.
  std::optional<std::string> LeaseHolder(const std::string& name, TimePoint now, const MayLive& may_live);

  // Nodes, by name. Put: notes that the process serves under that name and returns the node as it is now known;
  // nullopt where another process that may live bears the name and was seen since `alive_since`. The others throw
  // not_found.
  std::optional<Node> PutNode(const Node& node, TimePoint alive_since, const MayLive& may_live);
  std::vector<Node> ListNodes();
  void SetNodeDraining(const std::string& name, bool draining);
  void RemoveNode(const std::string& name);  // with its bindings
  // Which nodes back up which servers, by server and node; a server without any: all. False where it was so already.
  bool AddNodeBinding(const NodeBinding& binding);
  bool RemoveNodeBinding(const NodeBinding& binding);
  std::vector<NodeBinding> ListNodeBindings();

  // Small facts by name, for those that have no place of their own.
  std::optional<std::string> GetFact(const std::string& name);
  void PutFact(const std::string& name, const std::string& value);

  // What the operator has been told. Empty means any; in the order of topic and subject.
  std::vector<Alert> ListAlerts(const std::string& topic = "", const std::string& subject = "");
  void PutAlert(const Alert& alert);                                       // in the place of one that is there
  void RemoveAlert(const std::string& topic, const std::string& subject);  // none may be there
  // Those that don't last and are older than that.
  void RemovePassingAlerts(TimePoint before);

  // Messages that wait to be sent, each for one receiver, the oldest first. Contents over 16 KiB are cut.
  int64_t AddNotice(const Notice& notice);
  std::vector<Notice> ListNotices(const std::string& receiver, size_t limit);
  size_t CountNotices(const std::string& receiver);
  int64_t RemoveNotices(const std::string& receiver, int64_t up_to);  // ids up to that; returns how many
  int64_t RemoveNoticesBefore(TimePoint time);                        // of all receivers, also of such as are gone

 private:
  friend class Accounts;
  friend class Transaction;
  struct State;
  explicit Catalogue(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

enum class Access : uint8_t {
  kWrite,
  kRead,  // everything as it is at one moment; keeps no process from writing. Nothing may be written inside
};

// All that its thread does with the catalogue between construction and Commit, or nothing of it. Other threads and,
// where it may write, other processes wait meanwhile: keep it short, and wait for nothing inside. One inside another
// joins it; where an inner one was given up the outer one can't commit (kind permanent). Belongs to the thread that
// made it.
class Transaction {
 public:
  explicit Transaction(Catalogue& catalogue, Access access = Access::kWrite);
  ~Transaction();  // gives up what was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void Commit();

 private:
  Catalogue& catalogue_;
  bool committed_ = false;
};

}  // namespace cofre::catalogue
