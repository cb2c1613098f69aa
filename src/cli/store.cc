#include <memory>

#include "base/error.h"
#include "base/random.h"
#include "cli/check_lines.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "storage/certify.h"

namespace cofre::cli {
namespace {

int RunCheck(Session& session, const std::optional<std::string>& url) {
  std::shared_ptr<storage::ObjectStore> store;
  if (url) {
    // A bucket can be looked at before there is any configuration: then the keys come from the environment.
    service::Config config;
    try {
      config = session.config();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound || !session.config_option.empty()) throw;
    }
    store = service::OpenConfiguredStore(*url, config, session.clock(), nullptr);
  } else {
    store = session.wiring().store();
  }
  session.Say("checking " + store->Describe());
  return PrintCheckLines(session, storage::CertifyStore(*store, session.clock(), SystemRandom(), session.stop()));
}

}  // namespace

Command StoreCommand() {
  auto url = std::make_shared<std::optional<std::string>>();
  return {
      .name = "store",
      .summary = "The place where backups go",
      .details = "",
      .children = {{
          .name = "check",
          .summary = "Find out whether a bucket or folder is fit for backups",
          .details =
              "Writes, reads, lists and deletes small objects below cofre-check-.../ and removes them again. Each\n"
              "line says what was found, or what failed and what to do. A failure is exit code 1.",
          .examples = {{"cofre store check", "the configured one"},
                       {"AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... cofre store check s3:https://s3.example.com/b",
                        "before there is a configuration"}},
          .arguments = {{"URL", "file:/folder or s3:https://host/bucket/prefix; else the configured one", url.get()}},
          .run = [url](Session& session) { return RunCheck(session, *url); },
      }},
  };
}

}  // namespace cofre::cli
