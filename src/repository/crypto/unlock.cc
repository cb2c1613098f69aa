#include "repository/crypto/unlock.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "repository/crypto/key_file.h"
#include "repository/parallel.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

constexpr size_t kMaxKeyFiles = 20;  // as restic: opening costs a scrypt each

struct NamedKeyFile {
  Digest id{};
  Bytes json;
  KeyFile file;
};

NamedKeyFile LoadKeyFile(storage::ObjectStore& store, const Digest& id, const std::stop_token& stop) {
  const std::string key = KeyOf(FileKind::kKey, id);
  Bytes json = store.Get(key, MaxStoredBytes(FileKind::kKey), stop);
  try {
    if (Sha256(json) != id) throw Error(ErrorKind::kCorrupt, "its content is not what its name says");
    KeyFile file = KeyFileFromJson(json);
    return {id, std::move(json), std::move(file)};
  } catch (const Error& error) {
    throw error.In(key);
  }
}

}  // namespace

std::vector<Digest> ListKeyFiles(storage::ObjectStore& store, const std::stop_token& stop) {
  std::vector<Digest> ids;
  store.List(
      std::string(FolderOf(FileKind::kKey)),
      [&](const storage::ObjectInfo& object) {
        if (const auto id = IdOfKey(FileKind::kKey, object.key)) ids.push_back(*id);
      },
      stop);
  return ids;
}

Unlocked UnlockMasterKey(storage::ObjectStore& store, std::vector<Digest> ids, const Secret& password,
                         const std::stop_token& stop) {
  if (ids.size() > kMaxKeyFiles) ids.resize(kMaxKeyFiles);
  std::vector<NamedKeyFile> files;
  std::optional<Error> damage;
  for (const Digest& id : ids) {
    try {
      files.push_back(LoadKeyFile(store, id, stop));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCorrupt) {
        damage = error;
      } else if (error.kind() != ErrorKind::kNotFound) {
        throw;
      }
    }
  }
  const auto cost = [](const NamedKeyFile& named) {
    return named.file.parameters.n * named.file.parameters.r * named.file.parameters.p;
  };
  std::ranges::stable_sort(files, {}, cost);
  for (NamedKeyFile& named : files) {
    RequireNotStopped(stop);
    if (const auto key = UnwrapMasterKey(named.file, password)) return {*key, named.id, std::move(named.json)};
  }
  if (damage) throw *damage;
  throw Error(ErrorKind::kAuth, "no key file of " + store.Describe() + " opens with this password",
              "check the master key and the company's id; the repository may have been made with another one");
}

}  // namespace cofre::repository
