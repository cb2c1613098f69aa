#include "repository/repository.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "repository/config_file.h"
#include "repository/crypto/key_file.h"
#include "repository/crypto/unlock.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kMaxConfigBytes = 64 * 1024;
constexpr uint64_t kMaxExtraBytes = uint64_t{64} << 20;
constexpr size_t kShortestPrefix = 4;
const std::string kConfigObject(kConfigKey);
constexpr std::string_view kConfigCopy = "config";
constexpr std::string_view kKeyCopy = "key";

std::string KeyOfExtra(std::string_view name) { return std::string(kExtrasFolder) + std::string(name); }
std::string CopyOfExtra(std::string_view name) { return "extra-" + std::string(name); }

RepositoryConfig OpenConfig(const Bytes& stored, const Sealer& sealer) try {
  return ConfigFromJson(sealer.Open(stored));
} catch (const Error& error) {
  throw error.In(kConfigObject);
}

// What the copies open with this password, unasked; nullptr where they do not.
std::unique_ptr<Repository::State> OpenCopies(const std::shared_ptr<storage::ObjectStore>& store,
                                              const Secret& password, const Environment& environment,
                                              const LocalCopies& copies) try {
  const auto key_file = copies.Read(kKeyCopy, MaxStoredBytes(FileKind::kKey));
  auto stored = copies.Read(kConfigCopy, kMaxConfigBytes);
  if (!key_file || !stored) return nullptr;
  const auto key = UnwrapMasterKey(KeyFileFromJson(*key_file), password);
  if (!key) return nullptr;
  RepositoryConfig config = OpenConfig(*stored, Sealer(*key, *environment.random));
  return std::make_unique<Repository::State>(store, *key, std::move(config),
                                             OpenedWith{Sha256(*key_file), *std::move(stored)}, environment, copies);
} catch (const Error& error) {
  // Damaged, or of another version: what the store has decides.
  Log(LogLevel::kDebug, "copies_not_used", {{"store", store->Describe()}, {"error", error.what()}});
  return nullptr;
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
  if (store.Stat(kConfigObject, stop)) throw AlreadyThere(store, "a repository");
  const Remains remains = LookForRemains(store, stop);
  if (remains.anything_else) throw AlreadyThere(store, "parts of a repository whose config is missing");
  MasterKey key;
  if (remains.keys.empty()) {
    key = WriteFirstKey(store, password, environment, stop);
  } else {
    // A crash between key file and config: the same password finishes what it began.
    try {
      key = UnlockMasterKey(store, remains.keys, password, stop).key;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kAuth) throw;
      throw AlreadyThere(store, "a key file of another password");
    }
  }
  const std::string json = ConfigToJson(RandomConfig(*environment.random));
  store.Put(kConfigObject, Sealer(key, *environment.random).Seal(AsBytes(json)), std::nullopt, stop);
}

std::unique_ptr<Repository> Repository::Open(std::shared_ptr<storage::ObjectStore> store, const Secret& password,
                                             const Environment& environment, std::stop_token stop,
                                             const CopiesOptions& copies) {
  LocalCopies local_copies(copies.folder);
  if (copies.open_from_copies) {
    if (auto state = OpenCopies(store, password, environment, local_copies)) {
      return std::unique_ptr<Repository>(new Repository(std::move(state)));
    }
  }
  // The config travels while the key file is found.
  std::stop_source config_stop;
  const std::stop_callback relay(stop, [&] { config_stop.request_stop(); });
  std::future<Bytes> config = std::async(std::launch::async, [&store, token = config_stop.get_token()] {
    return store->Get(kConfigObject, kMaxConfigBytes, token);
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
  const Unlocked unlocked = UnlockMasterKey(*store, std::move(keys), password, stop);
  RepositoryConfig parsed = OpenConfig(stored, Sealer(unlocked.key, *environment.random));
  local_copies.Write(kKeyCopy, unlocked.key_file_json);
  local_copies.Write(kConfigCopy, stored);
  return std::unique_ptr<Repository>(new Repository(
      std::make_unique<State>(std::move(store), unlocked.key, std::move(parsed),
                              OpenedWith{unlocked.key_file, std::move(stored)}, environment, std::move(local_copies))));
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

Snapshot Repository::ReadSnapshot(const Digest& id, std::stop_token stop) {
  return state_->LoadSnapshot(id, std::move(stop));
}

size_t Repository::KnownIndexFiles() const { return state_->index.IndexFiles().size(); }

Listing Repository::ListEverything(std::stop_token stop) { return state_->ListEverything(std::move(stop)); }

uint64_t Repository::StoredBytes(std::stop_token stop) { return ListEverything(std::move(stop)).stored_bytes; }

void Repository::RemoveCopies(const std::string& folder) { LocalCopies(folder).Clear(); }

bool Repository::IsReplaced() const { return state_->replaced; }

void Repository::WriteExtra(std::string_view name, ByteView plain, std::stop_token stop) {
  if (plain.size() > kMaxExtraBytes) throw Error(ErrorKind::kUsage, std::string(name) + " is larger than 64 MiB");
  const Bytes sealed = state_->sealer.Seal(plain);
  state_->copies.Remove(CopyOfExtra(name));
  state_->store->Put(KeyOfExtra(name), sealed, std::nullopt, stop);
  state_->copies.Write(CopyOfExtra(name), sealed);
}

std::optional<Bytes> Repository::ReadExtra(std::string_view name, const Listing& listing, std::stop_token stop) {
  const auto listed = listing.others.find(KeyOfExtra(name));
  if (listed == listing.others.end()) return std::nullopt;
  const auto kept = state_->copies.Read(CopyOfExtra(name), kMaxExtraBytes + kSealOverhead);
  if (kept && kept->size() == listed->second.size && listed->second.md5 == Md5(*kept)) {
    return state_->sealer.Open(*kept);
  }
  return ReadExtra(name, std::move(stop));
}

std::optional<Bytes> Repository::ReadExtra(std::string_view name, std::stop_token stop) {
  const std::string key = KeyOfExtra(name);
  Bytes stored;
  try {
    stored = state_->store->Get(key, kMaxExtraBytes + kSealOverhead, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) return std::nullopt;
    throw;
  }
  try {
    Bytes plain = state_->sealer.Open(stored);
    state_->copies.Write(CopyOfExtra(name), stored);
    return plain;
  } catch (const Error& error) {
    throw error.In(key);
  }
}

}  // namespace cofre::repository
