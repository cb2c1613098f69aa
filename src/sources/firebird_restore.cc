#include "sources/firebird_restore.h"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/beside.h"
#include "sources/firebird_copy.h"
#include "sources/firebird_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kLook = "select 1 from rdb$database;";

std::unique_ptr<io::ProcessSink> StartGbak(const FirebirdConnection& connection, const std::string& address,
                                           std::stop_token stop) {
  const FirebirdSettings& settings = connection.settings();
  // -v: without it gbak does not say that it came to the end.
  const io::Command command = connection.CommandFor({settings.tools.gbak, "-c", "-v", "stdin", address});
  const io::ProcessLimits limits{settings.limits.stall, settings.limits.restore};
  auto process =
      std::make_unique<io::ChildProcess>(command, io::Input::kPipe, limits, connection.clock(), std::move(stop));
  return std::make_unique<io::ProcessSink>(
      std::move(process), [database = address](const io::ProcessEnd& end, const io::StreamFacts& facts) {
        JudgeFirebirdRestore(end, facts, database);
      });
}

// The last line that a tool said, for where nothing better is known.
std::string LastLine(std::string_view said) {
  said = Trimmed(said);
  return ToValidUtf8(said.substr(said.rfind('\n') + 1), 400);
}

// What makes a database's file out of the stream.
std::unique_ptr<ByteSink> StartMaking(const FirebirdConnection& connection, const std::string& path,
                                      const std::stop_token& stop) {
  if (connection.settings().method == DumpMethod::kPhysical) return CopyToFile(connection, path, stop);
  return StartGbak(connection, path, stop);
}

class FileRestore : public ByteSink {
 public:
  FileRestore(const FirebirdConnection& connection, const std::string& target, bool replace, std::stop_token stop)
      : connection_(connection),
        target_(connection.AddressOf(io::ResolveLink(target))),
        replace_(replace),
        stop_(std::move(stop)),
        beside_(Checked()),
        maker_(StartMaking(connection_, beside_.file(), stop_)) {}

  void Write(ByteView data) override { maker_->Write(data); }

  void Finish() override {
    maker_->Finish();
    connection_.Validate(beside_.file(), stop_);
    connection_.Query(beside_.file(), kLook, stop_);
    RequireUnused();
    io::PutInPlace(beside_.file(), target_, replace_);
    beside_.Remove();
  }

 private:
  const std::string& Checked() const {
    io::RequireFree(target_, replace_);
    RequireUnused();
    return target_;
  }

  // The database that is to be replaced: one that nobody can open any more may go.
  void RequireUnused() const {
    if (!replace_) return;
    std::string printed;
    try {
      printed = connection_.Query(target_,
                                  "set list on; select count(*) as others from mon$attachments where mon$attachment_id "
                                  "<> current_connection and mon$user not in ('Garbage Collector', 'Cache Writer');",
                                  stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kCorrupt) return;
      throw error.In("cannot tell whether the old database is in use");
    }
    if (ListValue(printed, "OTHERS") == "0") return;
    throw Error(ErrorKind::kPermanent, target_ + " is in use: it has other connections",
                "end them, or restore under another name");
  }

  FirebirdConnection connection_;
  std::string target_;
  bool replace_;
  std::stop_token stop_;
  io::BesideFolder beside_;
  std::unique_ptr<ByteSink> maker_;  // last: it ends before its folder goes
};

class ServerRestore : public ByteSink {
 public:
  ServerRestore(const FirebirdConnection& connection, const std::string& target, bool replace, std::stop_token stop)
      : connection_(connection), target_(connection.AddressOf(target)), stop_(std::move(stop)) {
    RequireNew(replace);
    gbak_ = StartGbak(connection_, target_, stop_);
  }

  ~ServerRestore() override {
    gbak_.reset();
    if (!ours_) return;
    try {
      Drop();
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "restore_left_behind", {{"database", target_}, {"error", error.what()}});
    }
  }
  ServerRestore(const ServerRestore&) = delete;
  ServerRestore& operator=(const ServerRestore&) = delete;

  void Write(ByteView data) override {
    Watched([&] { gbak_->Write(data); });
  }

  void Finish() override {
    Watched([&] { gbak_->Finish(); });
    connection_.Query(target_, kLook, stop_);
    ours_ = false;  // it is the operator's now
  }

 private:
  void RequireNew(bool replace) const {
    try {
      connection_.Query(target_, kLook, stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound) return;
      if (error.kind() != ErrorKind::kCorrupt) throw;
      // Something is there, if no database.
    }
    if (!replace) {
      throw Error(ErrorKind::kUsage, target_ + " exists already", "name a database that does not exist");
    }
    throw Error(ErrorKind::kUsage,
                target_ + " exists, and a server's database cannot be replaced in one step from here",
                "restore under a new name, look at it, then rename it on the server or point its alias there");
  }

  // Where gbak found a database of that name, made by somebody since we looked, it is not ours to drop.
  template <typename Work>
  void Watched(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kUsage) ours_ = false;
      throw;
    }
  }

  // A database is shut down until gbak has restored the whole of it: another one is none of ours. The server may need a
  // moment to see that gbak is gone.
  void Drop() const {
    static constexpr int kTries = 20;
    for (int i = 1;; ++i) {
      try {
        const std::string printed =
            connection_.Query(target_, "set list on; select mon$shutdown_mode as mode from mon$database;", {});
        if (ListValue(printed, "MODE") == "0") return;
        connection_.Query(target_, "drop database;", {});
        return;
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::kNotFound) return;
        if (i == kTries) throw;
      }
      connection_.clock().SleepFor(std::chrono::milliseconds(250), {});
    }
  }

  FirebirdConnection connection_;
  std::string target_;
  std::stop_token stop_;
  bool ours_ = true;
  std::unique_ptr<io::ProcessSink> gbak_;
};

}  // namespace

void JudgeFirebirdRestore(const io::ProcessEnd& end, const io::StreamFacts&, const std::string& database) {
  const std::string said = end.output + "\n" + end.errors;
  if (const std::string errors = GbakErrors(said); !errors.empty()) throw FirebirdError(errors, database);
  if (end.signal != 0) {
    throw Error(ErrorKind::kTransient, fmt::format("gbak was {} during the restore of {}", end.Describe(), database),
                "look whether the machine ran out of memory, or somebody ended it");
  }
  if (!end.ok()) {
    throw Error(ErrorKind::kPermanent, fmt::format("gbak ended with {} during the restore of {}: {}", end.Describe(),
                                                   database, LastLine(said)));
  }
  if (said.find("finishing, closing, and going home") == std::string::npos) {
    throw Error(ErrorKind::kCorrupt, fmt::format("gbak did not come to the end of restoring {}", database),
                "run it again; if it stays so, restore to a .fbk file and run gbak by hand");
  }
}

std::unique_ptr<ByteSink> RestoreToFile(const FirebirdConnection& connection, const std::string& target, bool replace,
                                        std::stop_token stop) {
  return std::make_unique<FileRestore>(connection, target, replace, std::move(stop));
}

std::unique_ptr<ByteSink> RestoreToServer(const FirebirdConnection& connection, const std::string& target, bool replace,
                                          std::stop_token stop) {
  if (connection.settings().method == DumpMethod::kPhysical) {
    throw Error(
        ErrorKind::kUsage, "a physical copy is made into a file of this machine, not through a server",
        "restore it with --server of one without --host, or as a file NAME.nbk and there: nbackup -R NEW.FDB NAME.nbk");
  }
  return std::make_unique<ServerRestore>(connection, target, replace, std::move(stop));
}

}  // namespace cofre::sources
