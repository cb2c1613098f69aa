#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stream.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/values.h"
#include "engine/restore_job.h"
#include "io/file_sink.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct RestoreOptions {
  std::string backup;
  std::string target;
  std::optional<std::string> server;
  bool file = false;
  bool replace = false;
};

class StandardOutputSink : public ByteSink {
 public:
  void Write(ByteView data) override { WriteAll(STDOUT_FILENO, data, "standard output"); }
  void Finish() override {}
};

// The dump's own kind of file: a target that ends in ".fbk", ".nbk", ".pgdump" or ".sql" as the dump's name does.
bool NamesDump(const std::string& target, const Backup& backup) {
  const size_t dot = backup.path.rfind('.');
  const std::string extension = dot == std::string::npos ? "" : backup.path.substr(dot);
  return (extension == ".fbk" || extension == ".nbk" || extension == ".pgdump" || extension == ".sql") &&
         target.ends_with(extension);
}

void Restore(Session& session, const Backup& backup, const RestoreOptions& options) {
  repository::RestoreProgress progress;
  const ProgressDisplay display(
      DetectProgressStyle(session.quiet), "restore " + ShortId(backup.snapshot_id),
      [&] { return ProgressFigures{.done_bytes = progress.bytes_written, .total_bytes = backup.dump_bytes}; },
      session.clock());
  const engine::Context& context = session.engine();
  if (options.target == "-") {
    if (isatty(STDOUT_FILENO) != 0) {
      throw Error(ErrorKind::kUsage, "a dump is not for a terminal", "redirect it: cofre restore ... - > file");
    }
    StandardOutputSink sink;
    engine::RestoreToSink(context, backup, sink, &progress, session.stop());
  } else if (options.file || NamesDump(options.target, backup)) {
    io::FileSink sink(options.target, options.replace);
    engine::RestoreToSink(context, backup, sink, &progress, session.stop());
  } else {
    const std::string server =
        options.server ? ParseServerName(*options.server) : context.catalogue->GetCompany(backup.company).server;
    engine::RestoreToDatabase(context, backup, server, options.target, options.replace, &progress, session.stop());
  }
}

int RunRestore(Session& session, const RestoreOptions& options) {
  const Backup backup = FindBackup(session.catalogue(), options.backup);
  const Duration begin = session.clock().Monotonic();
  Restore(session, backup, options);
  const Duration elapsed = session.clock().Monotonic() - begin;
  if (options.target == "-") return 0;
  if (session.json) {
    service::Json json = service::ToJson(backup);
    json["destino"] = options.target;
    json["segundos"] = std::chrono::duration<double>(elapsed).count();
    session.PrintJson(json);
  } else {
    session.Print(fmt::format("backup {} of {} {}, made {}, is restored to {}: {} in {}\n", ShortId(backup.snapshot_id),
                              backup.company, backup.fiscal_year, session.FormatLocal(backup.time), options.target,
                              HumanBytes(backup.dump_bytes), FormatSeconds(elapsed)));
  }
  return 0;
}

}  // namespace

Command RestoreCommand() {
  auto options = std::make_shared<RestoreOptions>();
  return {
      .name = "restore",
      .summary = "Restore a backup into a new database, or as a plain dump",
      .details =
          "TARGET is a new database (a path, or what the server knows it by), or, where it ends as the dump does\n"
          "(.fbk, .nbk, .pgdump, .sql) or --file is given, a file for the plain dump, or - for standard output. What\n"
          "exists is not touched without --replace; with it the new one is made beside, checked, and only then takes\n"
          "its place; one of a PostgreSQL or MariaDB server never. A backup of a folder is restored to TARGET, a "
          "folder\n"
          "that is not there or is empty; with --file or - it comes as a tar archive.",
      .examples = {{"cofre restore 5b1e /data/RESTORED.FDB", "a backup by the beginning of its id"},
                   {"cofre restore 900869750/2025 /data/RESTORED.FDB", "the newest one of that year"},
                   {"cofre restore 5b1e contab.fbk", "the plain dump, for gbak"},
                   {"cofre restore 5b1e - | gbak -c stdin /data/RESTORED.FDB", ""},
                   {"cofre restore 77aa /srv/restored", "a folder of files"}},
      .arguments = {{"BACKUP", "the beginning of its id (cofre list), or COMPANY/YEAR for the newest",
                     &options->backup},
                    {"TARGET", "database, file or -", &options->target}},
      .options = {{"--replace", "", "take the place of an existing target", &options->replace},
                  {"--file", "", "TARGET is a file for the plain dump, whatever its name", &options->file},
                  {"--server", "SERVER", "the database is made on this server, not on the company's",
                   &options->server}},
      .run = [options](Session& session) { return RunRestore(session, *options); },
  };
}

}  // namespace cofre::cli
