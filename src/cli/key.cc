#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/master_key.h"

namespace cofre::cli {
namespace {

// Groups of the key, numbered, three in a line, to be compared by eye.
std::string NumberedGroups(const std::string& groups) {
  std::string out;
  size_t number = 0;
  for (size_t at = 0; at < groups.size();) {
    const size_t end = std::min(groups.find(' ', at), groups.size());
    ++number;
    out += fmt::format("{}{}: {}{}", number % 3 == 1 ? "    " : "   ", number, groups.substr(at, end - at),
                       number % 3 == 0 ? "\n" : "");
    at = end + 1;
  }
  return out;
}

std::string Sheet(const service::Config& config, const engine::MasterKey& key, const std::string& example) {
  return fmt::format(
      R"(COFRE RECOVERY SHEET

Whoever has this sheet and the store can read every backup. Keep it on paper or in a safe, away from the machine that
makes the backups. Without it (or the file {key_file}) the backups can't be read by anybody.

Store:   {store}
Key {fingerprint}, nine groups of eight digits and two check digits:

{groups}
As one line, for `cofre init --key FILE`:

cofre1 {line}

TO RESTORE WITH COFRE, on a new machine
    cofre init --dir DIR --store {store} --key FILE
    cofre --config DIR/cofre.toml catalogue rebuild
    cofre --config DIR/cofre.toml list

TO RESTORE WITHOUT COFRE, with restic (0.14 or newer) and openssl (3 or newer)
Each company has a restic repository at STORE/SERVER/COMPANY, as in
    {repository}
Its password comes from the key without check digits (64 digits):
    {hex}
by HKDF with SHA-256, salt "cofre", info "repository SERVER/COMPANY", 32 bytes, written as 64 small hexadecimal digits:

    export RESTIC_PASSWORD=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt salt:cofre \
      -kdfopt hexkey:{hex} \
      -kdfopt 'info:repository {example}' HKDF | tr -d ':\n' | tr A-F a-f)
    export RESTIC_REPOSITORY='{repository}'
    restic snapshots
    restic restore latest --tag year=2025 --target DIR     # DIR/COMPANY/YEAR/NAME.fbk
    gbak -c DIR/COMPANY/YEAR/NAME.fbk RESTORED.FDB         # for Firebird

For S3, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too. `restic restore` reads large pieces and is fast; `restic dump`
asks for each small piece by itself and is slow.
)",
      fmt::arg("key_file", config.master_key_file), fmt::arg("store", config.store),
      fmt::arg("fingerprint", key.Fingerprint()), fmt::arg("groups", NumberedGroups(key.Format().Reveal())),
      fmt::arg("line", key.Format().Reveal()), fmt::arg("hex", key.Hex().Reveal()), fmt::arg("example", example),
      fmt::arg("repository", service::ResticRepository(config, example)));
}

// A repository that exists, where there is one.
std::string ExampleRepository(Session& session) {
  try {
    const auto companies = session.catalogue().ListCompanies();
    if (!companies.empty()) return companies.front().repository;
  } catch (const Error&) {
    // The sheet does not need the catalogue; it may be what was lost.
  }
  return "srv1/900869750";
}

int RunExport(Session& session, const std::optional<std::string>& output) {
  const service::Config& config = session.config();
  const engine::MasterKey key = engine::MasterKey::ReadFile(config.master_key_file);
  const std::string example = ExampleRepository(session);
  const Secret sheet(Sheet(config, key, example));
  if (output) {
    WriteSecretFile(*output, sheet);
    session.Say("the recovery sheet is in " + *output + ": print it, then remove the file");
  } else {
    session.Print(sheet.Reveal());
  }
  return 0;
}

}  // namespace

Command KeyCommand() {
  auto output = std::make_shared<std::optional<std::string>>();
  return {
      .name = "key",
      .summary = "The master key",
      .details = "",
      .children = {{
          .name = "export",
          .summary = "Print the recovery sheet: the master key, its check digits, how to restore with restic alone",
          .details = "What it prints is secret.",
          .examples = {{"cofre key export | lp", "on paper"},
                       {"cofre key export --output /media/usb/cofre.txt", "a new file that only its owner can read"}},
          .options = {{"--output", "FILE", "into a new file of mode 0600", output.get()}},
          .run = [output](Session& session) { return RunExport(session, *output); },
      }},
  };
}

}  // namespace cofre::cli
