#include "cli/commands.h"
#include "cli/help.h"
#include "cli/session.h"

namespace cofre::cli {

Command ManualCommand() {
  return {
      .name = "manual",
      .summary = "Print every help page as one Markdown page",
      .details = "",
      .examples = {{"cofre manual > docs/cli.md", ""}},
      .run =
          [](Session& session) {
            session.Print(Manual(AllCommands(), GlobalOptions(session)));
            return 0;
          },
  };
}

}  // namespace cofre::cli
