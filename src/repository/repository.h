#pragma once

// One restic repository, format version 2, over an ObjectStore that holds nothing but it.
// What is written, in which order, and why a crash is harmless: docs/repository.md.
//
// A Repository belongs to one thread at a time (the operations in backup.h, restore.h, check.h, prune.h run their own
// threads inside). It caches the master key and the index between operations, so that a process which backs up the
// same company again spends no request on opening it. With a folder for copies (copies/local_copies.h) the next process
// spends none either.

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/secret.h"
#include "repository/environment.h"
#include "repository/listing.h"
#include "repository/snapshot.h"
#include "storage/object_store.h"

namespace cofre::repository {

struct RepositoryConfig {
  uint32_t version = 2;
  std::string id;                  // 64 hexadecimal digits, names restic's local cache
  std::string chunker_polynomial;  // hexadecimal, for `restic backup` into the same repository
};

struct CopiesOptions {
  std::string folder;  // empty: none are kept
  // Opens from the copies without asking the store. For an operation that lists everything before it relies on
  // anything (ListEverything below, WriteBackup, RequireComplete): a listing that disagrees throws, see IsReplaced.
  bool open_from_copies = false;
};

class Repository {
 public:
  // Writes key file and config of a new repository. Throws kind usage where there is one already (also half of one, but
  // for a lone key file that the same password opens: a crash between the two is finished, not refused).
  static void Initialize(storage::ObjectStore& store, const Secret& password, const Environment& environment,
                         std::stop_token stop);

  // Opens one. Throws not_found where there is none, auth where no key file opens with the password, corrupt, and usage
  // for a format version other than 2 (a future one, or restic's old 1).
  static std::unique_ptr<Repository> Open(std::shared_ptr<storage::ObjectStore> store, const Secret& password,
                                          const Environment& environment, std::stop_token stop,
                                          const CopiesOptions& copies = {});

  // Removes the copies in such a folder, of a repository that is no more.
  static void RemoveCopies(const std::string& folder);

  ~Repository();
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;

  const RepositoryConfig& config() const;

  // Every snapshot, oldest first. A snapshot object that cannot be read throws kind corrupt and names it.
  std::vector<Snapshot> ListSnapshots(std::stop_token stop);
  // By full id or a prefix of at least 4 digits that fits one only; throws not_found or usage (ambiguous).
  Snapshot FindSnapshot(std::string_view id_prefix, std::stop_token stop);

  // One request. Throws not_found, corrupt.
  Snapshot ReadSnapshot(const Digest& id, std::stop_token stop);

  // Index files as of the last backup, check or prune of this object; no request. Each changed backup adds one.
  size_t KnownIndexFiles() const;

  // What the repository holds now. Throws transient where it is not the repository that was opened any more.
  Listing ListEverything(std::stop_token stop);
  // Its stored_bytes.
  uint64_t StoredBytes(std::stop_token stop);
  // Whether a listing has thrown for that reason: its config or the key file that opened it is gone or another one. To
  // be opened anew; there are no copies of it any more.
  bool IsReplaced() const;

  // A small object of our own, sealed with the repository's key, outside restic's folders: "cofre/<name>". Nothing
  // restic does touches it. Read returns nullopt where there is none.
  void WriteExtra(std::string_view name, ByteView plain, std::stop_token stop);
  std::optional<Bytes> ReadExtra(std::string_view name, std::stop_token stop);
  // The same without a request where the listing says that there is none, or that the copy kept here is the same.
  std::optional<Bytes> ReadExtra(std::string_view name, const Listing& listing, std::stop_token stop);

  // Internals, for the operations in this folder.
  struct State;
  State& state() { return *state_; }

 private:
  explicit Repository(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cofre::repository
