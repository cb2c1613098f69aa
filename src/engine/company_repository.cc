#include "engine/company_repository.h"

#include <exception>
#include <utility>

#include "base/error.h"
#include "storage/prefix_store.h"

namespace cofre::engine {

using repository::Repository;

CompanyRepositories::CompanyRepositories(std::shared_ptr<storage::ObjectStore> store, MasterKey master_key,
                                         repository::Environment environment, size_t capacity,
                                         std::string copies_folder)
    : store_(std::move(store)),
      master_key_(std::move(master_key)),
      environment_(std::move(environment)),
      capacity_(capacity),
      copies_folder_(std::move(copies_folder)) {}

CompanyRepositories::Lease::Lease(CompanyRepositories& owner, std::unique_ptr<OpenRepository> open)
    : owner_(owner), open_(std::move(open)), exceptions_(std::uncaught_exceptions()) {}

CompanyRepositories::Lease::~Lease() {
  if (std::uncaught_exceptions() == exceptions_) owner_.Keep(std::move(open_));
}

CompanyRepositories::Lease CompanyRepositories::Open(const std::string& path, const std::stop_token& stop) {
  std::unique_ptr<OpenRepository> open = TakeKept(path);
  if (open == nullptr) open = OpenNew(path, false, stop);
  return {*this, std::move(open)};
}

CompanyRepositories::Lease CompanyRepositories::OpenFromCopies(const std::string& path, const std::stop_token& stop) {
  std::unique_ptr<OpenRepository> open = TakeKept(path);
  if (open == nullptr) open = OpenNew(path, true, stop);
  return {*this, std::move(open)};
}

CompanyRepositories::Lease CompanyRepositories::OpenOrInitialize(const std::string& path, const std::stop_token& stop) {
  std::unique_ptr<OpenRepository> open = TakeKept(path);
  if (open == nullptr) {
    try {
      open = OpenNew(path, false, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      const std::shared_ptr<storage::ObjectStore> store = StoreOf(path);
      Repository::Initialize(*store, master_key_.RepositoryPassword(path), environment_, stop);
      open = OpenNew(path, false, stop);
    }
  }
  return {*this, std::move(open)};
}

std::shared_ptr<storage::ObjectStore> CompanyRepositories::StoreOf(const std::string& path) const {
  return std::make_shared<storage::PrefixStore>(store_, path + "/");
}

std::string CompanyRepositories::CopiesOf(const std::string& path) const {
  return copies_folder_.empty() ? "" : copies_folder_ + '/' + path;
}

void CompanyRepositories::Drop(const std::string& path) {
  (void)TakeKept(path);
  Repository::RemoveCopies(CopiesOf(path));
}

std::unique_ptr<OpenRepository> CompanyRepositories::OpenNew(const std::string& path, bool from_copies,
                                                             const std::stop_token& stop) {
  auto open = std::make_unique<OpenRepository>();
  open->path = path;
  try {
    open->repository = Repository::Open(StoreOf(path), master_key_.RepositoryPassword(path), environment_, stop,
                                        {.folder = CopiesOf(path), .open_from_copies = from_copies});
  } catch (const Error& error) {
    throw error.In("repository " + path);
  }
  return open;
}

std::unique_ptr<OpenRepository> CompanyRepositories::TakeKept(const std::string& path) {
  const std::lock_guard guard(mutex_);
  for (auto at = kept_.begin(); at != kept_.end(); ++at) {
    if ((*at)->path != path) continue;
    std::unique_ptr<OpenRepository> open = std::move(*at);
    kept_.erase(at);
    return open;
  }
  return nullptr;
}

void CompanyRepositories::Keep(std::unique_ptr<OpenRepository> open) {
  std::unique_ptr<OpenRepository> dropped;  // destroyed after the mutex is free
  const std::lock_guard guard(mutex_);
  kept_.push_front(std::move(open));
  if (kept_.size() > capacity_) {
    dropped = std::move(kept_.back());
    kept_.pop_back();
  }
}

}  // namespace cofre::engine
