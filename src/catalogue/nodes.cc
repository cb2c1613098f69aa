// The nodes of a fleet, and which of them back up which servers.

#include "base/error.h"
#include "base/text.h"
#include "catalogue/job_rows.h"
#include "model/company.h"

namespace cofre::catalogue {
namespace {

std::vector<Node> ReadNodes(soci::session& session, const std::string& name) {
  Statement statement(session, "SELECT name, owner, version, started_ns, seen_ns, draining FROM nodes");
  if (!name.empty()) statement.Where(" WHERE name = :name", "name", name);
  statement.Append(" ORDER BY name").TextColumn().TextColumn().TextColumn();
  statement.NumberColumn().NumberColumn().NumberColumn();
  std::vector<Node> nodes;
  while (statement.Fetch()) {
    Node& node = nodes.emplace_back();
    node.name = statement.Text();
    node.owner = statement.Text();
    node.version = statement.Text();
    node.started = TimePoint(Duration(statement.Number()));
    node.seen = TimePoint(Duration(statement.Number()));
    node.draining = statement.Number() != 0;
  }
  return nodes;
}

Error NoNode(const std::string& name) {
  return {ErrorKind::kNotFound, "there is no node " + Quoted(name), "cofre node list shows them"};
}

}  // namespace

std::optional<Node> Catalogue::PutNode(const Node& node, TimePoint alive_since, const MayLive& may_live) {
  (void)ParseServerName(node.name);
  return state_->Write(*this, [&](soci::session& session) -> std::optional<Node> {
    Node stored = node;
    const std::vector<Node> before = ReadNodes(session, node.name);
    if (!before.empty()) {
      const Node& other = before.front();
      if (other.owner != node.owner && other.seen >= alive_since && may_live(other.owner)) return std::nullopt;
      stored.draining = other.draining;
      Statement(session, "DELETE FROM nodes WHERE name = :name").Bind("name", node.name).Run();
    }
    Statement(session,
              "INSERT INTO nodes (name, owner, version, started_ns, seen_ns, draining) VALUES (:name, :owner, "
              ":version, :started, :seen, :draining)")
        .Bind("name", stored.name)
        .Bind("owner", stored.owner)
        .Bind("version", stored.version)
        .Bind("started", ToNumber(stored.started))
        .Bind("seen", ToNumber(stored.seen))
        .Bind("draining", stored.draining ? 1 : 0)
        .Run();
    return stored;
  });
}

std::vector<Node> Catalogue::ListNodes() {
  return state_->With([&](soci::session& session) { return ReadNodes(session, ""); });
}

void Catalogue::SetNodeDraining(const std::string& name, bool draining) {
  state_->Write(*this, [&](soci::session& session) {
    const int64_t changed = Statement(session, "UPDATE nodes SET draining = :draining WHERE name = :name")
                                .Bind("draining", draining ? 1 : 0)
                                .Bind("name", name)
                                .Run();
    if (changed == 0) throw NoNode(name);
    Announce(session);
  });
}

void Catalogue::RemoveNode(const std::string& name) {
  state_->Write(*this, [&](soci::session& session) {
    if (Statement(session, "DELETE FROM nodes WHERE name = :name").Bind("name", name).Run() == 0) throw NoNode(name);
    Statement(session, "DELETE FROM server_nodes WHERE node = :node").Bind("node", name).Run();
    Announce(session);
  });
}

bool Catalogue::AddNodeBinding(const NodeBinding& binding) {
  (void)ParseServerName(binding.node);
  return state_->Write(*this, [&](soci::session& session) {
    RequireServer(session, binding.server);
    Statement found(session, "SELECT COUNT(*) FROM server_nodes");
    found.Where(" WHERE server = :server", "server", binding.server);
    found.Where(" AND node = :node", "node", binding.node).NumberColumn().Fetch();
    if (found.Number() > 0) return false;
    Statement(session, "INSERT INTO server_nodes (server, node) VALUES (:server, :node)")
        .Bind("server", binding.server)
        .Bind("node", binding.node)
        .Run();
    Announce(session);
    return true;
  });
}

bool Catalogue::RemoveNodeBinding(const NodeBinding& binding) {
  return state_->Write(*this, [&](soci::session& session) {
    const int64_t removed = Statement(session, "DELETE FROM server_nodes WHERE server = :server AND node = :node")
                                .Bind("server", binding.server)
                                .Bind("node", binding.node)
                                .Run();
    Announce(session);
    return removed > 0;
  });
}

std::vector<NodeBinding> Catalogue::ListNodeBindings() {
  return state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT server, node FROM server_nodes ORDER BY server, node");
    statement.TextColumn().TextColumn();
    std::vector<NodeBinding> bindings;
    while (statement.Fetch()) {
      NodeBinding& binding = bindings.emplace_back();
      binding.server = statement.Text();
      binding.node = statement.Text();
    }
    return bindings;
  });
}

}  // namespace cofre::catalogue
