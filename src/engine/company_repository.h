#pragma once

// The repositories of companies, below one store: each at "<prefix>/<server>/<company>/", each with a password of its
// own (master_key.h). Opened ones are kept, so that a process that does a hundred backups spends no request on opening;
// with a folder for copies of their small objects, the next process spends none either.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/master_key.h"
#include "repository/repository.h"
#include "storage/object_store.h"

namespace cofre::engine {

// One open repository and what this process knows of it.
struct OpenRepository {
  std::string path;  // below the store
  std::unique_ptr<repository::Repository> repository;
  // Its bytes in the bucket: as listed last, plus what was added since. Not less than the truth as long as nobody else
  // writes; unknown after anything was removed.
  std::optional<uint64_t> stored_bytes;
  // The manifest (manifest.h) as it stands in the bucket.
  std::optional<std::string> manifest;
};

// Thread-safe. Must outlive its leases.
class CompanyRepositories {
 public:
  // Keeps at most `capacity` that nobody uses. `environment` as for repository::Repository. `copies_folder`: for
  // repository::CopiesOptions, a folder for each repository below it; empty: none are kept.
  CompanyRepositories(std::shared_ptr<storage::ObjectStore> store, MasterKey master_key,
                      repository::Environment environment, size_t capacity, std::string copies_folder = "");

  // The right to use one; belongs to one thread at a time. On its end the repository goes back to be kept, except while
  // an exception passes: after a failure what was known of it counts no more.
  class Lease {
   public:
    Lease(CompanyRepositories& owner, std::unique_ptr<OpenRepository> open);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    OpenRepository& operator*() const { return *open_; }
    OpenRepository* operator->() const { return open_.get(); }

   private:
    CompanyRepositories& owner_;
    std::unique_ptr<OpenRepository> open_;
    int exceptions_;
  };

  // `path` as in "srv1/900869750". Throws not_found where there is none, and auth where the master key is another one.
  Lease Open(const std::string& path, const std::stop_token& stop);
  // The same from copies where there are some, without asking the store: for whoever lists everything first (see
  // repository::CopiesOptions), which then tells whether it is still there.
  Lease OpenFromCopies(const std::string& path, const std::stop_token& stop);
  // As Open, but makes a new repository where there is none.
  Lease OpenOrInitialize(const std::string& path, const std::stop_token& stop);

  // Keeps it open no longer, and no copies of it.
  void Drop(const std::string& path);

  storage::ObjectStore& store() { return *store_; }
  const MasterKey& master_key() const { return master_key_; }

  // The company's objects alone.
  std::shared_ptr<storage::ObjectStore> StoreOf(const std::string& path) const;

 private:
  std::unique_ptr<OpenRepository> TakeKept(const std::string& path);
  void Keep(std::unique_ptr<OpenRepository> open);
  std::unique_ptr<OpenRepository> OpenNew(const std::string& path, bool from_copies, const std::stop_token& stop);
  std::string CopiesOf(const std::string& path) const;

  std::shared_ptr<storage::ObjectStore> store_;
  MasterKey master_key_;
  repository::Environment environment_;
  size_t capacity_;
  std::string copies_folder_;

  std::mutex mutex_;
  std::list<std::unique_ptr<OpenRepository>> kept_;  // the latest used first
};

}  // namespace cofre::engine
