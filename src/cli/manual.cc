#include <memory>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/man_page.h"
#include "cli/session.h"

namespace cofre::cli {

Command ManualCommand() {
  auto man = std::make_shared<bool>(false);
  return {
      .name = "manual",
      .summary = "Print every help page as one page, in Markdown or for man(1)",
      .details = "",
      .examples = {{"cofre manual > docs/cli.md", ""}, {"cofre manual --man > cofre.1", "man ./cofre.1 shows it"}},
      .options = {{"--man", "", "in the language of man(7)", man.get()}},
      .run =
          [man](Session& session) {
            session.Print((*man ? ManPage : Manual)(AllCommands(), GlobalOptions(session)));
            return 0;
          },
  };
}

}  // namespace cofre::cli
