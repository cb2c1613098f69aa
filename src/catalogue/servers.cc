#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "catalogue/state.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kServerColumns =
    "SELECT name, engine, host, port, username, password_file, max_concurrent FROM servers";

Statement& AddServerColumns(Statement& statement) {
  return statement.TextColumn().TextColumn().TextColumn().NumberColumn().TextColumn().TextColumn().NumberColumn();
}

Server ReadServer(Statement& row) {
  Server server;
  server.name = row.Text();
  server.engine = ParseEngine(row.Text());
  server.host = row.Text();
  server.port = static_cast<uint16_t>(row.Number());
  server.user = row.Text();
  server.password_file = row.Text();
  server.max_concurrent = static_cast<uint32_t>(row.Number());
  return server;
}

int64_t Store(soci::session& session, const char* sql, const Server& server) {
  return Statement(session, sql)
      .Bind("name", server.name)
      .Bind("engine", std::string(EngineName(server.engine)))
      .Bind("host", server.host)
      .Bind("port", server.port)
      .Bind("username", server.user)
      .Bind("password_file", server.password_file)
      .Bind("max_concurrent", server.max_concurrent)
      .Run();
}

Error NoServer(const std::string& name) {
  return {ErrorKind::kNotFound, "there is no server " + Quoted(name),
          "cofre server list shows them, cofre server add makes one"};
}

int64_t CountServers(soci::session& session, const std::string& name) {
  return Count(session, "SELECT COUNT(*) FROM servers WHERE name = :key", name);
}

}  // namespace

void RequireServer(soci::session& session, const std::string& name) {
  if (CountServers(session, name) == 0) throw NoServer(name);
}

void Catalogue::AddServer(const Server& server) {
  RequireValid(server);
  state_->Write(*this, [&](soci::session& session) {
    if (CountServers(session, server.name) > 0) {
      throw Error(ErrorKind::kUsage, "the server " + Quoted(server.name) + " exists already",
                  "cofre server set changes it");
    }
    Store(session,
          "INSERT INTO servers (name, engine, host, port, username, password_file, max_concurrent) "
          "VALUES (:name, :engine, :host, :port, :username, :password_file, :max_concurrent)",
          server);
  });
}

void Catalogue::UpdateServer(const Server& server) {
  RequireValid(server);
  state_->Write(*this, [&](soci::session& session) {
    const int64_t changed =
        Store(session,
              "UPDATE servers SET engine = :engine, host = :host, port = :port, username = :username, "
              "password_file = :password_file, max_concurrent = :max_concurrent "
              "WHERE name = :name",
              server);
    if (changed == 0) throw NoServer(server.name);
  });
}

Server Catalogue::GetServer(const std::string& name) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, kServerColumns);
    AddServerColumns(statement.Where(" WHERE name = :name", "name", name));
    if (!statement.Fetch()) throw NoServer(name);
    return ReadServer(statement);
  });
}

std::vector<Server> Catalogue::ListServers() {
  return state_->With([&](soci::session& session) {
    Statement statement(session, kServerColumns);
    AddServerColumns(statement.Append(" ORDER BY name"));
    std::vector<Server> servers;
    while (statement.Fetch()) servers.push_back(ReadServer(statement));
    return servers;
  });
}

void Catalogue::RemoveServer(const std::string& name) {
  state_->Write(*this, [&](soci::session& session) {
    RequireServer(session, name);
    const int64_t companies = Count(session, "SELECT COUNT(*) FROM companies WHERE server = :key", name);
    if (companies > 0) {
      throw Error(ErrorKind::kUsage, fmt::format("the server {} has {} companies", Quoted(name), companies),
                  "move them with cofre company set, or remove them first");
    }
    Statement(session, "DELETE FROM server_states WHERE server = :name").Bind("name", name).Run();
    Statement(session, "DELETE FROM pauses WHERE server = :name").Bind("name", name).Run();
    Statement(session, "DELETE FROM server_nodes WHERE server = :name").Bind("name", name).Run();
    Statement(session, "DELETE FROM servers WHERE name = :name").Bind("name", name).Run();
  });
}

}  // namespace cofre::catalogue
