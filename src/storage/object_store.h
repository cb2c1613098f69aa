#pragma once

// Objects by name: what a bucket, a local folder or memory offers. Knows nothing of repositories or companies.
//
// Every implementation passes tests/contract/object_store_contract.h. All methods are thread-safe, block until done,
// and give up with Error of kind cancelled soon after `stop` is requested. Other kinds, for every method: transient
// (worth a retry: see retry_store.h, the one place that retries), auth, permanent, corrupt.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"

namespace cofre::storage {

// Keys are '/'-separated, relative, printable ASCII without "." or ".." segments, empty segments or a leading '/'; at
// most 512 bytes. Throws kind usage for anything else.
void RequireValidKey(std::string_view key);
// The same for the prefix of a listing: "" or a valid key with '/' after it.
void RequireValidPrefix(std::string_view prefix);

struct ObjectInfo {
  std::string key;
  uint64_t size = 0;  // bytes
  // From a listing, where the store says something of that form (an S3 ETag of 32 digits). As a rule the MD5 of the
  // content, but not where the server encrypts with a key of its own: equal means the same content, unequal nothing.
  std::optional<std::array<uint8_t, 16>> md5 = std::nullopt;

  // Of name and size.
  bool operator==(const ObjectInfo& other) const { return key == other.key && size == other.size; }
};

struct DeleteFailure {
  std::string key;
  std::string message;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Stores the whole body under `key` in one step, replacing what was there: readers see the old object or the new one,
  // never a part. Durable when it returns. After an error the object may or may not be there; a repeat is harmless.
  // `sha256`, where the caller has it already, is that of `body`.
  virtual void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256,
                   std::stop_token stop) = 0;

  // The whole object; throws not_found, and corrupt where it is larger than `limit` bytes (nothing larger is
  // allocated).
  virtual Bytes Get(const std::string& key, uint64_t limit, std::stop_token stop) = 0;

  // Exactly `length` bytes from `offset`; throws not_found, and corrupt where the object ends before.
  virtual Bytes GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) = 0;

  // nullopt where there is no such object.
  virtual std::optional<ObjectInfo> Stat(const std::string& key, std::stop_token stop) = 0;

  // Calls `visit` once for each object whose key begins with `prefix` ("" or something that ends in '/'), in ascending
  // byte order of the keys. An error in the middle throws: a listing never ends early in silence.
  virtual void List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                    std::stop_token stop) = 0;

  // The names directly below `prefix` that have objects below them ("folders"), without the trailing '/', ascending.
  virtual std::vector<std::string> ListFolders(const std::string& prefix, std::stop_token stop) = 0;

  // Success also where there was no such object.
  virtual void Delete(const std::string& key, std::stop_token stop) = 0;

  // As few requests as the store allows. Returns those that could not be deleted, with why; throws where the request as
  // a whole failed (then any part may be gone).
  virtual std::vector<DeleteFailure> DeleteMany(std::span<const std::string> keys, std::stop_token stop) = 0;

  // For messages: "s3:https://host/bucket/prefix", "file:/var/lib/cofre/store". No secrets.
  virtual std::string Describe() const = 0;

  // How far the server's clock was ahead of ours in its last answer; nullopt where there is no server, or no answer
  // yet.
  virtual std::optional<std::chrono::seconds> ClockSkew() const { return std::nullopt; }
};

// All of a listing at once. Keys are whole (prefix included).
std::vector<ObjectInfo> ListAll(ObjectStore& store, const std::string& prefix, std::stop_token stop);

}  // namespace cofre::storage
