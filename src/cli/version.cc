#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/session.h"

namespace cofre::cli {

Command VersionCommand() {
  return {
      .name = "version",
      .summary = "Print the version",
      .details = "",
      .examples = {{"cofre version", ""}},
      .run =
          [](Session& session) {
            if (session.json) {
              session.PrintJson({{"version", COFRE_VERSION}});
            } else {
              session.Print("cofre " COFRE_VERSION "\n");
            }
            return 0;
          },
  };
}

}  // namespace cofre::cli
