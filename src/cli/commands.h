#pragma once

// The commands, one file each.

#include "cli/command.h"

namespace cofre::cli {

Command InitCommand();
Command ServerCommand();
Command CompanyCommand();
Command CompanyImportCommand();  // a part of CompanyCommand
Command DatabaseCommand();
Command BackupCommand();
Command ServeCommand();
Command TickCommand();
Command PendingCommand();
Command NodeCommand();
Command PauseCommand();
Command ResumeCommand();
Command ListCommand();
Command PlanCommand();
Command SimulateCommand();
Command StatusCommand();
Command InspectCommand();
Command HistoryCommand();
Command ReportCommand();
Command AlertsCommand();
Command UserCommand();
Command RestoreCommand();
Command VerifyCommand();
Command ForgetCommand();
Command PruneCommand();
Command StoreCommand();
Command CatalogueCommand();
Command ConfigCommand();
Command DoctorCommand();
Command KeyCommand();
Command ResticCommand();
Command CompletionCommand();
Command ManualCommand();
Command VersionCommand();

}  // namespace cofre::cli
