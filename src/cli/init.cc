#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "catalogue/catalogue.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/master_key.h"
#include "service/config.h"
#include "storage/store_url.h"

namespace cofre::cli {
namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::optional<std::string> folder;
  std::optional<std::string> store;
  std::optional<std::string> catalogue;
  std::optional<std::string> key;
};

// Where everything of a new vault goes.
struct Places {
  std::string config;
  std::string state;
  std::string catalogue;
  std::string key;
  std::string store;         // URL
  std::string store_folder;  // to be made; empty for S3
};

Places PlacesFor(const InitOptions& options, const std::string& config_option) {
  Places places;
  if (options.folder) {
    const fs::path folder = fs::absolute(*options.folder).lexically_normal();
    places.config = (folder / "cofre.toml").string();
    places.state = (folder / "state").string();
    places.key = (folder / "master.key").string();
    places.store = options.store.value_or("file:" + (folder / "store").string());
  } else {
    places.config = fs::absolute(service::ConfigPath(config_option)).string();
    places.state = "/var/lib/cofre";
    places.key = (fs::path(places.config).parent_path() / "master.key").string();
    places.store = options.store.value_or("file:/var/lib/cofre/store");
  }
  places.catalogue = options.catalogue.value_or((fs::path(places.state) / "catalogue.db").string());
  if (!catalogue::IsShared(places.catalogue)) places.catalogue = fs::absolute(places.catalogue).string();
  const storage::StoreUrl url = storage::ParseStoreUrl(places.store);
  if (url.kind == storage::StoreUrl::Kind::kLocal) places.store_folder = url.path;
  return places;
}

void MakeFolder(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::path(path).parent_path();
  fs::create_directories(parent, error);
  if (error) throw SystemError(error.value(), "cannot make the folder " + parent.string());
  if (mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) throw SystemError(errno, "cannot make the folder " + path);
}

void RefuseExisting(const std::string& path, std::string_view what, std::string hint) {
  if (fs::exists(fs::symlink_status(path))) {
    throw Error(ErrorKind::kUsage, fmt::format("there is {} already: {}", what, path), std::move(hint));
  }
}

engine::MasterKey KeyFor(const InitOptions& options) {
  if (!options.key) return engine::MasterKey::Generate(SystemRandom());
  if (*options.key != "-") return engine::MasterKey::ReadFile(*options.key);
  const Secret text(std::string(std::istreambuf_iterator<char>(std::cin), {}));
  return engine::MasterKey::Parse(text.Reveal());
}

void PrintNextSteps(Session& session, const Places& places, const engine::MasterKey& key, bool is_default_place) {
  const std::string cofre = is_default_place ? "cofre" : "cofre --config " + places.config;
  session.Print(
      fmt::format("A new vault:\n"
                  "  configuration  {}\n"
                  "  master key     {}   (key {})\n"
                  "  catalogue      {}\n"
                  "  store          {}\n\n"
                  "Next:\n"
                  "  {} key export        print the recovery sheet; keep it away from this machine\n"
                  "  {} server add srv1 --engine firebird --host db.example.com --user SYSDBA --password-file FILE\n"
                  "  {} company add 900869750 --name 'Ferretería Peña' --server srv1\n"
                  "  {} database add 900869750 2025 --path /data/CONTAB2025.FDB\n"
                  "  {} backup 900869750\n",
                  places.config, places.key, key.Fingerprint(), catalogue::ShownUrl(places.catalogue), places.store,
                  cofre, cofre, cofre, cofre, cofre));
  if (!is_default_place) {
    session.Print(fmt::format("\nTo leave out --config: export COFRE_CONFIG={}\n", places.config));
  }
}

int RunInit(Session& session, const InitOptions& options) {
  const Places places = PlacesFor(options, session.config_option);
  RefuseExisting(places.config, "a configuration", "it stays as it is; remove it, or name another folder with --dir");
  RefuseExisting(places.key, "a master key",
                 "without it the backups made with it are lost, so it stays; use it with --key " + places.key +
                     " in another folder");
  const engine::MasterKey key = KeyFor(options);
  const std::string text = service::DefaultConfigText({.store = places.store,
                                                       .catalogue = places.catalogue,
                                                       .master_key_file = places.key,
                                                       .state_directory = places.state});
  (void)service::ParseConfig(text, places.config);

  MakeFolder(fs::path(places.config).parent_path().string());
  MakeFolder(places.state);
  if (!places.store_folder.empty()) MakeFolder(places.store_folder);
  (void)catalogue::Catalogue::OpenOrCreate(places.catalogue);
  key.WriteNewFile(places.key);
  // Last: where it stands, everything else does.
  WriteFileAtomically(places.config, AsBytes(text), 0640);

  if (session.json) {
    session.PrintJson({{"configuracion", places.config},
                       {"clave_maestra", places.key},
                       {"huella", key.Fingerprint()},
                       {"catalogo", catalogue::ShownUrl(places.catalogue)},
                       {"almacen", places.store}});
  } else {
    PrintNextSteps(session, places, key, !options.folder && session.config_option.empty());
  }
  return 0;
}

}  // namespace

Command InitCommand() {
  auto options = std::make_shared<InitOptions>();
  return {
      .name = "init",
      .summary = "Make a new vault: configuration, state folder, catalogue, master key",
      .details =
          "With --dir everything lies in one folder and no special rights are needed. Without it the\n"
          "configuration goes to /etc/cofre and the state to /var/lib/cofre. Nothing that exists is written over.\n"
          "On a new machine, --key with the key of the recovery sheet and `cofre catalogue rebuild` bring\n"
          "everything back.",
      .examples = {{"cofre init --dir ~/vault", "everything in a folder, backups too"},
                   {"cofre init --store s3:https://s3.example.com/bucket/cofre", "backups go to S3"},
                   {"cofre init --dir ~/vault --key sheet.txt --store s3:https://s3.example.com/bucket/cofre",
                    "with the key of a recovery sheet"}},
      .options = {{"--dir", "DIR", "the folder for everything", &options->folder},
                  {"--store", "URL", "where backups go: file:/folder or s3:https://host/bucket/prefix",
                   &options->store},
                  {"--catalogue", "URL", "a file, or postgresql://USER@HOST/DATABASE for several nodes (an empty one)",
                   &options->catalogue},
                  {"--key", "FILE", "use this master key instead of a new one; - reads it from standard input",
                   &options->key}},
      .run = [options](Session& session) { return RunInit(session, *options); },
  };
}

}  // namespace cofre::cli
