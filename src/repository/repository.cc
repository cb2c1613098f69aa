#include "repository/repository.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/error.h"
#include "repository/config_file.h"
#include "repository/crypto/key_file.h"
#include "repository/parallel.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kMaxConfigBytes = 64 * 1024;
constexpr uint64_t kMaxExtraBytes = uint64_t{64} << 20;
constexpr size_t kMaxKeyFiles = 20;  // as restic: opening costs a scrypt each
constexpr size_t kShortestPrefix = 4;
const std::string kConfigKey = "config";

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

KeyFile LoadKeyFile(storage::ObjectStore& store, const Digest& id, const std::stop_token& stop) {
  const std::string key = KeyOf(FileKind::kKey, id);
  const Bytes json = store.Get(key, MaxStoredBytes(FileKind::kKey), stop);
  try {
    if (Sha256(json) != id) throw Error(ErrorKind::kCorrupt, "its content is not what its name says");
    return KeyFileFromJson(json);
  } catch (const Error& error) {
    throw error.In(key);
  }
}

// The master key, from the first key file that the password opens, cheapest first. Throws auth where it opens none, and
// corrupt where it opens none and some could not be read.
MasterKey UnlockMasterKey(storage::ObjectStore& store, std::vector<Digest> ids, const Secret& password,
                          const std::stop_token& stop) {
  if (ids.size() > kMaxKeyFiles) ids.resize(kMaxKeyFiles);
  std::vector<KeyFile> files;
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
  const auto cost = [](const KeyFile& file) { return file.parameters.n * file.parameters.r * file.parameters.p; };
  std::stable_sort(files.begin(), files.end(), [&](const KeyFile& a, const KeyFile& b) { return cost(a) < cost(b); });
  for (const KeyFile& file : files) {
    RequireNotStopped(stop);
    if (auto key = UnwrapMasterKey(file, password)) return *std::move(key);
  }
  if (damage) throw *damage;
  throw Error(ErrorKind::kAuth, "no key file of " + store.Describe() + " opens with this password",
              "check the master key and the company's id; the repository may have been made with another one");
}

RepositoryConfig OpenConfig(const Bytes& stored, const Sealer& sealer) try {
  return ConfigFromJson(sealer.Open(stored));
} catch (const Error& error) {
  throw error.In(kConfigKey);
}

Error AlreadyThere(const storage::ObjectStore& store, const char* what) {
  return {ErrorKind::kUsage, store.Describe() + " holds " + what + " already",
          "name another place, or open what is there"};
}

// What a place holds of a repository without config.
struct Remains {
  std::vector<Digest> keys;
  bool anything_else = false;
};

Remains LookForRemains(storage::ObjectStore& store, const std::stop_token& stop) {
  Remains remains;
  store.List(
      "",
      [&](const storage::ObjectInfo& object) {
        if (const auto id = IdOfKey(FileKind::kKey, object.key)) {
          remains.keys.push_back(*id);
          return;
        }
        for (const FileKind kind : {FileKind::kPack, FileKind::kIndex, FileKind::kSnapshot}) {
          if (IdOfKey(kind, object.key)) remains.anything_else = true;
        }
      },
      stop);
  return remains;
}

MasterKey WriteFirstKey(storage::ObjectStore& store, const Secret& password, const Environment& environment,
                        const std::stop_token& stop) {
  const MasterKey key = MasterKey::Generate(*environment.random);
  KeyFile file = WrapMasterKey(key, password, kOwnScryptParameters, *environment.random);
  file.created = environment.clock->Now();
  file.hostname = environment.hostname;
  file.username = "cofre";
  const std::string json = KeyFileToJson(file);
  const Digest id = Sha256(AsBytes(json));
  store.Put(KeyOf(FileKind::kKey, id), AsBytes(json), id, stop);
  // Of two that start the same repository at once, whoever wrote later sees the other's key file and withdraws: two
  // configs under two master keys would leave neither usable.
  if (ListKeyFiles(store, stop).size() > 1) {
    store.Delete(KeyOf(FileKind::kKey, id), stop);
    throw Error(ErrorKind::kTransient, store.Describe() + " is being made a repository by somebody else",
                "try again: it will be opened then");
  }
  return key;
}

}  // namespace

Repository::Repository(std::unique_ptr<State> state) : state_(std::move(state)) {}
Repository::~Repository() = default;

const RepositoryConfig& Repository::config() const { return state_->config; }

void Repository::Initialize(storage::ObjectStore& store, const Secret& password, const Environment& environment,
                            std::stop_token stop) {
  if (password.empty()) throw Error(ErrorKind::kUsage, "a repository needs a password");
  if (store.Stat(kConfigKey, stop)) throw AlreadyThere(store, "a repository");
  const Remains remains = LookForRemains(store, stop);
  if (remains.anything_else) throw AlreadyThere(store, "parts of a repository whose config is missing");
  MasterKey key;
  if (remains.keys.empty()) {
    key = WriteFirstKey(store, password, environment, stop);
  } else {
    // A crash between key file and config: the same password finishes what it began.
    try {
      key = UnlockMasterKey(store, remains.keys, password, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kAuth) throw;
      throw AlreadyThere(store, "a key file of another password");
    }
  }
  const std::string json = ConfigToJson(RandomConfig(*environment.random));
  store.Put(kConfigKey, Sealer(key, *environment.random).Seal(AsBytes(json)), std::nullopt, stop);
}

std::unique_ptr<Repository> Repository::Open(std::shared_ptr<storage::ObjectStore> store, const Secret& password,
                                             const Environment& environment, std::stop_token stop) {
  // The config travels while the key file is found.
  std::stop_source config_stop;
  const std::stop_callback relay(stop, [&] { config_stop.request_stop(); });
  std::future<Bytes> config = std::async(std::launch::async, [&store, token = config_stop.get_token()] {
    return store->Get(kConfigKey, kMaxConfigBytes, token);
  });
  std::vector<Digest> keys;
  try {
    keys = ListKeyFiles(*store, stop);
  } catch (...) {
    config_stop.request_stop();
    throw;
  }
  Bytes stored;
  try {
    stored = config.get();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, "there is no repository in " + store->Describe(),
                keys.empty() ? "" : "its config is missing: a repository was only half made, or the object was lost");
  }
  if (keys.empty()) {
    throw Error(ErrorKind::kCorrupt, store->Describe() + " has a config but no key file",
                "bring back an object of its keys/ folder: without one nothing can be read");
  }
  const MasterKey key = UnlockMasterKey(*store, std::move(keys), password, stop);
  RepositoryConfig parsed = OpenConfig(stored, Sealer(key, *environment.random));
  return std::unique_ptr<Repository>(
      new Repository(std::make_unique<State>(std::move(store), key, std::move(parsed), environment)));
}

std::vector<Snapshot> Repository::ListSnapshots(std::stop_token stop) { return state_->ListSnapshots(stop); }

Snapshot Repository::FindSnapshot(std::string_view id_prefix, std::stop_token stop) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (id_prefix.size() < kShortestPrefix || !std::all_of(id_prefix.begin(), id_prefix.end(), is_digit)) {
    throw Error(ErrorKind::kUsage, "\"" + std::string(id_prefix) + "\" is no snapshot id",
                "give at least 4 digits of 0-9 and a-f");
  }
  std::vector<Digest> found;
  state_->store->List(
      std::string(FolderOf(FileKind::kSnapshot)),
      [&](const storage::ObjectInfo& object) {
        const auto id = IdOfKey(FileKind::kSnapshot, object.key);
        if (id && id->Hex().starts_with(id_prefix)) found.push_back(*id);
      },
      stop);
  if (found.empty()) throw Error(ErrorKind::kNotFound, "no snapshot's id begins with " + std::string(id_prefix));
  if (found.size() > 1) {
    throw Error(ErrorKind::kUsage, "more than one snapshot's id begins with " + std::string(id_prefix),
                "give more digits");
  }
  return state_->LoadSnapshot(found.front(), stop);
}

size_t Repository::KnownIndexFiles() const { return state_->index.IndexFiles().size(); }

uint64_t Repository::StoredBytes(std::stop_token stop) {
  uint64_t bytes = 0;
  state_->store->List(
      "", [&](const storage::ObjectInfo& object) { bytes += object.size; }, stop);
  return bytes;
}

void Repository::WriteExtra(std::string_view name, ByteView plain, std::stop_token stop) {
  if (plain.size() > kMaxExtraBytes) throw Error(ErrorKind::kUsage, std::string(name) + " is larger than 64 MiB");
  state_->store->Put("cofre/" + std::string(name), state_->sealer.Seal(plain), std::nullopt, stop);
}

std::optional<Bytes> Repository::ReadExtra(std::string_view name, std::stop_token stop) {
  const std::string key = "cofre/" + std::string(name);
  Bytes stored;
  try {
    stored = state_->store->Get(key, kMaxExtraBytes + kSealOverhead, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) return std::nullopt;
    throw;
  }
  try {
    return state_->sealer.Open(stored);
  } catch (const Error& error) {
    throw error.In(key);
  }
}

}  // namespace cofre::repository
