#include "storage/certify.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "storage/retry_store.h"

namespace cofre::storage {
namespace {

constexpr size_t kBodyBytes = size_t{64} * 1024;
constexpr std::chrono::seconds kTolerableSkew{60};
constexpr RetryPolicy kLittlePatience{.max_tries = 3};

class Certifier {
 public:
  Certifier(ObjectStore& store, Clock& clock, Random& random, std::stop_token stop)
      : store_(store), clock_(clock), random_(random), stop_(std::move(stop)) {
    uint8_t name[8];
    random_.Fill(name);
    prefix_ = "cofre-check-" + HexEncode(name) + "/";
  }

  std::vector<CheckLine> Run() {
    if (CheckAccess()) {
      try {
        CheckObjects();
      } catch (...) {
        Tidy();
        throw;
      }
      Tidy();
    }
    return std::move(lines_);
  }

 private:
  // Runs one check; its result is the line's message. What the store does wrong it throws.
  bool Check(const std::string& name, const std::function<std::string()>& check) {
    ThrowIfStopped(stop_);
    try {
      Note(name, check());
      return true;
    } catch (const Error& error) {
      Fail(name, error);
      return false;
    }
  }

  void Note(const std::string& name, const std::string& message) {
    lines_.push_back({.name = name, .ok = true, .message = message, .hint = ""});
  }

  void Fail(const std::string& name, const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) throw error;
    lines_.push_back({.name = name, .ok = false, .message = error.what(), .hint = error.hint()});
  }

  static void Require(bool ok, const char* message, const char* hint) {
    if (!ok) throw Error(ErrorKind::kCorrupt, message, hint);
  }

  // The first request tells connection, keys and bucket apart by the kind of its failure.
  bool CheckAccess() {
    const bool remote = store_.Describe().starts_with("s3:");
    std::optional<Error> failure;
    try {
      ListAll(store_, prefix_, stop_);
    } catch (const Error& error) {
      failure = error;
    }
    const bool reached = !failure || failure->kind() != ErrorKind::kTransient;
    if (remote && reached) Note("connection", "the server answers");
    if (remote && !failure) Note("credentials", "accepted");
    if (!failure) {
      Note(remote ? "bucket" : "folder", store_.Describe() + " exists");
    } else if (failure->kind() == ErrorKind::kTransient) {
      Fail("connection", *failure);
    } else if (failure->kind() == ErrorKind::kAuth) {
      Fail("credentials", *failure);
    } else {
      Fail(remote ? "bucket" : "folder", *failure);
    }
    CheckClock();
    return !failure;
  }

  void CheckClock() {
    const auto skew = store_.ClockSkew();
    if (!skew) return;
    const std::string message = fmt::format("the server's clock is {} s {} ours", std::abs(skew->count()),
                                            skew->count() < 0 ? "behind" : "ahead of");
    const bool ok = *skew <= kTolerableSkew && *skew >= -kTolerableSkew;
    lines_.push_back(
        {.name = "clock",
         .ok = ok,
         .message = message,
         .hint = ok ? "" : "set this machine's clock (ntp): S3 refuses requests more than 15 minutes off"});
  }

  std::string NewKey(const char* name) {
    keys_.push_back(prefix_ + name);
    return keys_.back();
  }

  Bytes NewBody() {
    Bytes body(kBodyBytes);
    random_.Fill(body);
    return body;
  }

  void CheckObjects() {
    const std::string key = NewKey("object");
    const Bytes body = NewBody();
    const Duration begin = clock_.Monotonic();
    const bool written = Check("write", [&] {
      store_.Put(key, body, std::nullopt, stop_);
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Monotonic() - begin);
      return fmt::format("{} in {} ms", HumanBytes(body.size()), took.count());
    });
    if (!written) return;
    CheckReading(key, body);
    Check("overwrite", [&] {
      const Bytes other = NewBody();
      store_.Put(key, other, std::nullopt, stop_);
      Require(store_.Get(key, kBodyBytes, stop_) == other, "after an overwrite the old content is read",
              "the store is not consistent: do not use it for backups");
      return "the new content is read";
    });
    Check("missing object", [&] {
      Require(!store_.Stat(prefix_ + "missing", stop_), "an object that was never written is said to be there",
              "something between here and the store invents answers");
      return "is said to be missing";
    });
    CheckDeleting();
  }

  void CheckReading(const std::string& key, const Bytes& body) {
    Check("read back", [&] {
      Require(store_.Get(key, body.size(), stop_) == body, "other bytes are read than were written",
              "do not use this store: it changes what it is given");
      return "the same bytes";
    });
    Check("ranged read", [&] {
      const Bytes range = store_.GetRange(key, 1000, 5000, stop_);
      Require(std::ranges::equal(range, ByteView(body).subspan(1000, 5000)), "a ranged read gives other bytes",
              "the store does not read ranges well: do not use it");
      return "the same bytes";
    });
    Check("list", [&] {
      const std::vector<ObjectInfo> expected = {{.key = key, .size = body.size()}};
      Require(ListAll(store_, prefix_, stop_) == expected, "a listing does not show what was just written",
              "the store's listings lag: do not use it for backups");
      return "shows what was just written";
    });
  }

  void CheckDeleting() {
    Check("delete", [&] {
      store_.Delete(keys_.front(), stop_);
      Require(!store_.Stat(keys_.front(), stop_), "a deleted object is still there",
              "grant the keys the right to delete");
      return "the object has gone";
    });
    Check("delete many", [&] {
      for (const char* name : {"many/1", "many/2", "many/3"}) store_.Put(NewKey(name), {}, std::nullopt, stop_);
      const auto failures = store_.DeleteMany(keys_, stop_);
      if (!failures.empty()) {
        throw Error(ErrorKind::kPermanent, failures.front().key + ": " + failures.front().message,
                    "grant the keys the right to delete");
      }
      Require(ListAll(store_, prefix_, stop_).empty(), "deleted objects are still listed",
              "the store's listings lag: do not use it for backups");
      return "three objects have gone";
    });
  }

  // Also after a failure or a stop, hence without the token. What was deleted already is deleted without harm again.
  void Tidy() {
    try {
      const auto failures = store_.DeleteMany(keys_, {});
      if (!failures.empty()) throw Error(ErrorKind::kPermanent, failures.front().key + ": " + failures.front().message);
    } catch (const Error& error) {
      lines_.push_back({.name = "tidy up",
                        .ok = false,
                        .message = error.what(),
                        .hint = "remove what is left below " + prefix_ + " by hand"});
    }
  }

  ObjectStore& store_;
  Clock& clock_;
  Random& random_;
  std::stop_token stop_;
  std::string prefix_;
  std::vector<std::string> keys_;
  std::vector<CheckLine> lines_;
};

}  // namespace

std::vector<CheckLine> CertifyStore(ObjectStore& store, Clock& clock, Random& random, std::stop_token stop) {
  if (auto* const patient = dynamic_cast<RetryStore*>(&store)) {
    RetryStore impatient = patient->With(kLittlePatience);
    return Certifier(impatient, clock, random, std::move(stop)).Run();
  }
  return Certifier(store, clock, random, std::move(stop)).Run();
}

}  // namespace cofre::storage
