-- Several nodes on one catalogue.

-- A process that serves. owner: base/process_identity.h.
CREATE TABLE nodes (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  version TEXT NOT NULL,
  started_ns BIGINT NOT NULL,
  seen_ns BIGINT NOT NULL,
  draining INTEGER NOT NULL CHECK (draining IN (0, 1))
);

-- Servers that only some nodes back up; one without a row: any node does. A node may be named before it has ever come.
CREATE TABLE server_nodes (
  server TEXT NOT NULL REFERENCES servers (name),
  node TEXT NOT NULL,
  PRIMARY KEY (server, node)
);

-- Since when catalogue and repository may disagree.
ALTER TABLE company_states ADD COLUMN doubt_since_ns BIGINT;

-- The queue in the order in which it is claimed.
CREATE INDEX jobs_in_line ON jobs (priority, id) WHERE state = 'queued';
