#include "cli/commands.h"

namespace cofre::cli {

std::vector<Command> AllCommands() {
  return {
      InitCommand(),      ServerCommand(),  CompanyCommand(), DatabaseCommand(), BackupCommand(), ServeCommand(),
      TickCommand(),      PendingCommand(), PauseCommand(),   ResumeCommand(),   ListCommand(),   PlanCommand(),
      SimulateCommand(),  StatusCommand(),  InspectCommand(), HistoryCommand(),  ReportCommand(), AlertsCommand(),
      UserCommand(),      RestoreCommand(), VerifyCommand(),  ForgetCommand(),   PruneCommand(),  StoreCommand(),
      CatalogueCommand(), ConfigCommand(),  DoctorCommand(),  KeyCommand(),      ResticCommand(), CompletionCommand(),
      ManualCommand(),    VersionCommand(), NodeCommand(),
  };
}

}  // namespace cofre::cli
