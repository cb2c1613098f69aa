#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/master_key.h"

namespace cofre::cli {
namespace {

struct ResticOptions {
  std::string company;
  std::vector<std::string> words;
};

// Becomes restic; returns only by throwing.
int RunRestic(Session& session, const ResticOptions& options) {
  const Company company = session.catalogue().GetCompany(ParseCompanyId(options.company));
  const engine::MasterKey key = engine::MasterKey::ReadFile(session.config().master_key_file);
  const service::ResticAccess access = service::AccessForRestic(session.config(), key, company.repository);
  for (const auto& [name, value] : access.environment) {
    if (setenv(name.c_str(), value.c_str(), 1) != 0) throw SystemError(errno, "cannot set " + name);
  }
  std::vector<std::string> words{"restic"};
  words.insert(words.end(), access.options.begin(), access.options.end());
  words.insert(words.end(), options.words.begin(), options.words.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp("restic", arguments.data());
  if (errno == ENOENT) {
    throw Error(ErrorKind::kNotFound, "restic is not installed", "apt install restic, or look at https://restic.net");
  }
  throw SystemError(errno, "cannot run restic");
}

}  // namespace

Command ResticCommand() {
  auto options = std::make_shared<ResticOptions>();
  return {
      .name = "restic",
      .summary = "Run the installed restic on a company's repository",
      .details = "Repository, password and S3 keys go to it by its environment. Its exit code is restic's.",
      .examples = {{"cofre restic 900869750 -- snapshots", ""},
                   {"cofre restic 900869750 -- check --read-data", ""},
                   {"cofre restic 900869750 -- restore latest --tag year=2025 --target /tmp/restored", ""}},
      .arguments = {{"COMPANY", "tax number", &options->company}, {"ARGS", "restic's own arguments", &options->words}},
      .run = [options](Session& session) { return RunRestic(session, *options); },
  };
}

}  // namespace cofre::cli
