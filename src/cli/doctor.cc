#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/error.h"
#include "base/random.h"
#include "catalogue/catalogue.h"
#include "cli/bandwidth.h"
#include "cli/check_lines.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/master_key.h"
#include "io/child_process.h"
#include "storage/certify.h"

namespace cofre::cli {
namespace {

using storage::CheckLine;

// One question: `look` returns what was found, or throws what is wrong.
CheckLine Ask(const std::string& name, const std::function<std::string()>& look) {
  try {
    return {.name = name, .ok = true, .message = look(), .hint = ""};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) throw;
    return {.name = name, .ok = false, .message = error.what(), .hint = error.hint()};
  }
}

std::string LookAtKey(const std::string& path) {
  const engine::MasterKey key = engine::MasterKey::ReadFile(path);
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw SystemError(errno, "cannot look at " + path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorKind::kAuth, path + " can be read by others than its owner", "chmod 600 '" + path + "'");
  }
  return fmt::format("key {} in {}", key.Fingerprint(), path);
}

std::string LookAtState(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw SystemError(errno, "cannot look at the state folder " + path);
  if ((status.st_mode & S_IWOTH) != 0) {
    throw Error(ErrorKind::kPermanent, "anybody may write to the state folder " + path, "chmod o-w '" + path + "'");
  }
  if (access(path.c_str(), W_OK | X_OK) != 0) throw SystemError(errno, "cannot write to the state folder " + path);
  return path;
}

std::string LookAtCatalogue(Session& session) {
  catalogue::Catalogue& catalogue = session.catalogue();
  return fmt::format("schema {}, {} companies, {} backups in {}", catalogue.SchemaVersion(),
                     catalogue.ListCompanies().size(), catalogue.ListBackups().size(),
                     catalogue::ShownUrl(session.config().catalogue));
}

// `gbak -z` says its version and then complains that there is nothing to do.
std::string LookAtGbak(Session& session, const std::string& program) {
  static constexpr std::string_view kMark = "gbak version ";
  const io::ProcessEnd end = io::RunProgram({.arguments = {program, "-z"}}, "",
                                            {.stall = std::chrono::seconds(20), .total = std::chrono::seconds(20)},
                                            session.clock(), session.stop());
  const std::string said = end.output + end.errors;
  const size_t at = said.find(kMark);
  if (at == std::string::npos) {
    throw Error(ErrorKind::kPermanent, fmt::format("{} does not say which version of gbak it is", program),
                "name Firebird's own gbak in the configuration, [firebird] gbak");
  }
  const size_t begin = at + kMark.size();
  return fmt::format("{} in {}", said.substr(begin, said.find('\n', begin) - begin), io::FindProgram(program));
}

// One database of each server is asked, without a dump.
void AskServers(Session& session, std::vector<CheckLine>& lines) {
  catalogue::Catalogue& catalogue = session.catalogue();
  for (const Server& server : catalogue.ListServers()) {
    lines.push_back(Ask("server " + server.name, [&]() -> std::string {
      for (const Company& company : catalogue.ListCompanies({.server = server.name})) {
        const auto databases = catalogue.ListDatabases({.company = company.id});
        if (databases.empty()) continue;
        const Database& newest = databases.back();
        const auto source = service::MakeSource(server, newest, session.config(), session.clock());
        const sources::ProbeResult probe = source->Probe(session.stop());
        return fmt::format("answers for {} {}{}", newest.company, newest.fiscal_year,
                           probe.engine_version.empty() ? "" : ", " + probe.engine_version);
      }
      return "has no database yet";
    }));
  }
}

// A limit of a server that does not exist would limit nothing, and nobody would know.
std::string LookAtBandwidth(Session& session) {
  for (const service::ServerBandwidth& limit : session.config().bandwidth.servers) {
    try {
      (void)session.catalogue().GetServer(limit.server);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      throw Error(ErrorKind::kUsage, "a [[limite_servidor]] is for " + limit.server + ", which does not exist",
                  "name one of cofre server list, or leave the section out");
    }
  }
  return BandwidthNow(session.config(), session.clock().Now());
}

int RunDoctor(Session& session) {
  const service::Config& config = session.config();
  std::vector<CheckLine> lines;
  lines.push_back(Ask("configuration", [&] { return config.file; }));
  lines.push_back(Ask("master key", [&] { return LookAtKey(config.master_key_file); }));
  lines.push_back(Ask("state folder", [&] { return LookAtState(config.state_directory); }));
  lines.push_back(Ask("catalogue", [&] { return LookAtCatalogue(session); }));
  lines.push_back(Ask("gbak", [&] { return LookAtGbak(session, config.firebird.gbak); }));
  const bool has_catalogue = lines[3].ok;
  if (has_catalogue) {
    lines.push_back(Ask("bandwidth", [&] { return LookAtBandwidth(session); }));
    AskServers(session, lines);
  }
  // The clock is among what a store is asked.
  lines.push_back(Ask("store", [&] { return session.wiring().store()->Describe(); }));
  if (lines.back().ok) {
    for (CheckLine& line :
         storage::CertifyStore(*session.wiring().store(), session.clock(), SystemRandom(), session.stop())) {
      line.name = "store: " + line.name;
      lines.push_back(std::move(line));
    }
  }
  return PrintCheckLines(session, lines);
}

}  // namespace

Command DoctorCommand() {
  return {
      .name = "doctor",
      .summary = "Find out what is missing or wrong on this machine",
      .details =
          "Looks at configuration, key, state folder, catalogue, gbak, limits of bandwidth, each server (it signs in\n"
          "to one database) and the store, this machine's clock against the store's. A failure is exit code 1.",
      .examples = {{"cofre doctor", ""}, {"cofre doctor --json", ""}},
      .run = RunDoctor,
  };
}

}  // namespace cofre::cli
