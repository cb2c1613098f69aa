#include "catalogue/company_import.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "base/error.h"

namespace cofre::catalogue {
namespace {

// What the catalogue holds already, to compare with.
struct Known {
  explicit Known(Catalogue& catalogue) {
    for (Server& server : catalogue.ListServers()) servers[server.name] = std::move(server);
    for (Company& company : catalogue.ListCompanies()) companies[company.id] = std::move(company);
    for (Database& database : catalogue.ListDatabases()) {
      databases[{database.company, database.fiscal_year}] = std::move(database);
    }
  }

  std::map<std::string, Server> servers;
  std::map<std::string, Company> companies;
  std::map<std::pair<std::string, int>, Database> databases;
};

void RequireUsableServer(const Known& known, const ImportedCompany& imported) {
  const auto server = known.servers.find(imported.server);
  if (server == known.servers.end()) {
    throw Error(ErrorKind::kNotFound,
                fmt::format("row {}, column servidor: there is no server '{}'", imported.row, imported.server),
                fmt::format("make it first: cofre server add {}", imported.server));
  }
  if (server->second.engine == Engine::kCommand) {
    throw Error(ErrorKind::kUsage,
                fmt::format("row {}, column servidor: the databases of '{}' are dumped by commands, not by a path",
                            imported.row, imported.server),
                "add them with cofre database add");
  }
}

Company Merged(Company company, const ImportedCompany& imported) {
  company.id = imported.id;
  company.name = imported.name;
  company.server = imported.server;
  if (imported.backup_time) company.backup_time = *imported.backup_time;
  if (imported.enabled) company.enabled = *imported.enabled;
  if (imported.space_limit_bytes) company.space_limit_bytes = *imported.space_limit_bytes;
  if (imported.time_zone) company.time_zone = *imported.time_zone;
  return company;
}

void ImportCompany(Catalogue& catalogue, const Known& known, const ImportedCompany& imported, const Company& defaults,
                   ImportCounts& counts) {
  const auto current = known.companies.find(imported.id);
  if (current == known.companies.end()) {
    Company added = Merged(defaults, imported);
    added.repository.clear();
    catalogue.AddCompany(added);
    ++counts.added;
    return;
  }
  const Company merged = Merged(current->second, imported);
  if (merged == current->second) {
    ++counts.unchanged;
    return;
  }
  catalogue.UpdateCompany(merged);
  ++counts.changed;
}

void ImportDatabase(Catalogue& catalogue, const Known& known, const std::string& company,
                    const ImportedDatabase& imported, TimePoint now, ImportCounts& counts) {
  Database database{.company = company, .fiscal_year = imported.fiscal_year, .path = imported.path};
  const auto current = known.databases.find({company, imported.fiscal_year});
  if (current == known.databases.end()) {
    catalogue.AddDatabase(database, now);
    ++counts.added;
    return;
  }
  database.average_blob_bytes = current->second.average_blob_bytes;
  database.method = current->second.method;
  if (database == current->second) {
    ++counts.unchanged;
    return;
  }
  catalogue.UpdateDatabase(database);
  ++counts.changed;
}

}  // namespace

ImportResult ImportCompanies(Catalogue& catalogue, const std::vector<ImportedCompany>& companies,
                             const Company& defaults, TimePoint now) {
  ImportResult result;
  Transaction transaction(catalogue);
  const Known known(catalogue);
  for (const ImportedCompany& company : companies) {
    RequireUsableServer(known, company);
    size_t row = company.row;
    try {
      ImportCompany(catalogue, known, company, defaults, result.companies);
      for (const ImportedDatabase& database : company.databases) {
        row = database.row;
        ImportDatabase(catalogue, known, company.id, database, now, result.databases);
      }
    } catch (const Error& error) {
      throw error.In(fmt::format("row {}", row));
    }
  }
  transaction.Commit();
  return result;
}

}  // namespace cofre::catalogue
