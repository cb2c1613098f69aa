#include "service/wiring.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "service/limited_source.h"
#include "sources/command.h"
#include "sources/firebird.h"
#include "sources/folder.h"
#include "sources/mariadb.h"
#include "sources/postgresql.h"
#include "sources/sqlite.h"
#include "storage/store_url.h"

namespace cofre::service {
namespace {

// Repositories that stay open though nobody uses them; each costs its index in memory (docs/decisions/0061).
constexpr size_t kKeptRepositories = 16;

storage::StoreOptions OptionsFor(const Config& config) {
  storage::StoreOptions options;
  options.access_key = config.s3.access_key;
  if (!config.s3.secret_key_file.empty()) options.secret_key = ReadSecretFile(config.s3.secret_key_file);
  options.region = config.s3.region;
  if (config.s3.style != S3Style::kAuto) options.path_style = config.s3.style == S3Style::kPath;
  options.ca_file = config.s3.ca_file;
  return options;
}

[[noreturn]] void RefuseDatabase(const Server& server, const Database& database, std::string_view what) {
  throw Error(ErrorKind::kUsage,
              fmt::format("database {} {} has no {}, which its server {} ({}) needs", database.company,
                          database.fiscal_year, what, server.name, EngineName(server.engine)),
              fmt::format("cofre database set {} {} ...", database.company, database.fiscal_year));
}

}  // namespace

std::unique_ptr<sources::Source> MakeSource(const Server& server, const Database& database, const Config& config,
                                            Clock& clock) {
  if (server.engine == Engine::kCommand) {
    if (database.command.empty()) RefuseDatabase(server, database, "command");
    return sources::MakeCommandSource(database.command, config.limits, clock);
  }
  if (database.path.empty()) RefuseDatabase(server, database, "path");
  if (IsFolder(server.engine)) return sources::MakeFolderSource(database.path, config.limits, clock);
  if (server.engine == Engine::kSqlite) return sources::MakeSqliteSource(database.path, config.limits, clock);
  const Secret password = server.password_file.empty() ? Secret() : ReadSecretFile(server.password_file);
  if (server.engine == Engine::kPostgresql) {
    return sources::MakePostgresqlSource({.server = server,
                                          .database = database.path,
                                          .password = password,
                                          .tools = config.postgresql,
                                          .limits = config.limits},
                                         clock);
  }
  if (server.engine == Engine::kMariadb) {
    return sources::MakeMariadbSource({.server = server,
                                       .database = database.path,
                                       .password = password,
                                       .tools = config.mariadb,
                                       .limits = config.limits},
                                      clock);
  }
  return sources::MakeFirebirdSource({.server = server,
                                      .database = database.path,
                                      .password = password,
                                      .tools = config.firebird,
                                      .limits = config.limits,
                                      .method = database.method,
                                      .marks_folder = config.state_directory + "/copy-marks"},
                                     clock);
}

std::shared_ptr<storage::ObjectStore> OpenConfiguredStore(const std::string& url, const Config& config, Clock& clock,
                                                          const Bandwidths* bandwidths) {
  storage::StoreOptions options = OptionsFor(config);
  if (bandwidths != nullptr) {
    options.upload = bandwidths->upload();
    options.download = bandwidths->download();
  }
  return storage::OpenStore(url, options, clock, SystemRandom());
}

std::string CopiesFolder(const Config& config) {
  if (storage::ParseStoreUrl(config.store).kind == storage::StoreUrl::Kind::kLocal) return "";
  return (std::filesystem::path(config.state_directory) / "copies").string();
}

std::string LockFolder(const Config& config) {
  return (std::filesystem::path(config.state_directory) / "locks").string();
}

catalogue::Catalogue& Wiring::catalogue() {
  const std::lock_guard guard(mutex_);
  return CatalogueLocked();
}

std::shared_ptr<storage::ObjectStore> Wiring::store() {
  const std::lock_guard guard(mutex_);
  return StoreLocked();
}

catalogue::Catalogue& Wiring::CatalogueLocked() {
  if (catalogue_ == nullptr) catalogue_ = catalogue::Catalogue::Open(config_.catalogue);
  return *catalogue_;
}

std::shared_ptr<storage::ObjectStore> Wiring::StoreLocked() {
  // Requests are signed with the true time, also where all else is a rehearsal at another one.
  if (store_ == nullptr) store_ = OpenConfiguredStore(config_.store, config_, true_clock_, bandwidths_.get());
  return store_;
}

const engine::Context& Wiring::engine() {
  const std::lock_guard guard(mutex_);
  if (context_ != nullptr) return *context_;

  auto context = std::make_unique<engine::Context>();
  context->catalogue = &CatalogueLocked();
  context->clock = &clock_;
  context->make_source = [this](const Server& server, const Database& database) {
    if (make_source_) return make_source_(server, database);
    return Limit(MakeSource(server, database, config_, clock_), bandwidths_->OfServer(server.name));
  };
  context->lock_folder = LockFolder(config_);
  context->retention = config_.retention;
  context->first_fiscal_month = config_.first_fiscal_month;
  context->time_zone = config_.time_zone;

  std::error_code error;
  std::filesystem::create_directories(context->lock_folder, error);
  if (error) throw SystemError(error.value(), "cannot make the folder " + context->lock_folder);
  repository::Environment environment = environment_ ? *environment_ : repository::SystemEnvironment();
  environment.clock = &clock_;
  context->process_owner = environment.process_identity;
  repositories_ =
      std::make_unique<engine::CompanyRepositories>(StoreLocked(), engine::MasterKey::ReadFile(config_.master_key_file),
                                                    environment, kKeptRepositories, CopiesFolder(config_));
  context->repositories = repositories_.get();
  EndAbandonedJobs(*context->catalogue, clock_.Now(), processes_);
  context_ = std::move(context);
  return *context_;
}

std::string ResticRepository(const Config& config, const std::string& path) {
  const storage::StoreUrl url = storage::ParseStoreUrl(config.store);
  if (url.kind == storage::StoreUrl::Kind::kLocal) return url.path + "/" + path;
  return fmt::format("s3:{}://{}/{}/{}{}", url.tls ? "https" : "http", url.host, url.bucket,
                     url.prefix.empty() ? "" : url.prefix + "/", path);
}

ResticAccess AccessForRestic(const Config& config, const engine::MasterKey& master_key, const std::string& path) {
  ResticAccess access;
  const auto set = [&](std::string name, std::string value) {
    if (!value.empty()) access.environment.emplace_back(std::move(name), std::move(value));
  };
  set("RESTIC_REPOSITORY", ResticRepository(config, path));
  set("RESTIC_PASSWORD", master_key.RepositoryPassword(path).Reveal());
  set("RESTIC_CACERT", config.s3.ca_file);
  set("AWS_DEFAULT_REGION", config.s3.region);
  if (!config.s3.access_key.empty()) {
    set("AWS_ACCESS_KEY_ID", config.s3.access_key);
    set("AWS_SECRET_ACCESS_KEY", ReadSecretFile(config.s3.secret_key_file).Reveal());
  }
  if (config.s3.style != S3Style::kAuto) {
    access.options = {"-o", config.s3.style == S3Style::kPath ? "s3.bucket-lookup=path" : "s3.bucket-lookup=dns"};
  }
  return access;
}

}  // namespace cofre::service
