#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/bandwidth.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"

namespace cofre::cli {
namespace {

int RunCheck(Session& session) {
  const service::Config& config = session.config();
  if (session.json) {
    session.PrintJson({{"archivo", config.file},
                       {"almacen", config.store},
                       {"catalogo", catalogue::ShownUrl(config.catalogue)},
                       {"clave_maestra", config.master_key_file},
                       {"directorio_estado", config.state_directory},
                       {"zona_horaria", config.time_zone},
                       {"ancho_banda", BandwidthToJson(config, session.clock().Now())}});
    return 0;
  }
  std::vector<std::pair<std::string, std::string>> fields = {{"file", config.file},
                                                             {"store", config.store},
                                                             {"catalogue", catalogue::ShownUrl(config.catalogue)},
                                                             {"master key", config.master_key_file},
                                                             {"state folder", config.state_directory},
                                                             {"time zone", config.time_zone}};
  std::ranges::move(BandwidthFields(config, session.clock().Now()), std::back_inserter(fields));
  session.Print(FormatFields(fields));
  session.Say("the configuration is in order; whether everything it names works is for `cofre doctor`");
  return 0;
}

}  // namespace

Command ConfigCommand() {
  return {
      .name = "config",
      .summary = "The configuration file",
      .details = "",
      .children = {{
          .name = "check",
          .summary = "Read the configuration and name the line, the key and the mend of what is off",
          .details = "",
          .examples = {{"cofre config check", ""}, {"cofre --config ./cofre.toml config check", ""}},
          .run = RunCheck,
      }},
  };
}

}  // namespace cofre::cli
