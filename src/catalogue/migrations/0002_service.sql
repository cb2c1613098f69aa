-- A queue of jobs, leases, what is known of servers, and what was proved of each backup.

ALTER TABLE jobs ADD COLUMN reason TEXT NOT NULL DEFAULT 'manual';
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN batch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE jobs ADD COLUMN queued_ns BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN due_ns BIGINT;
ALTER TABLE jobs ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN scheduled_day INTEGER;
ALTER TABLE jobs ADD COLUMN not_before_ns BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN pinned_until_ns BIGINT;
ALTER TABLE jobs ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN snapshot_id TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN token BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN lease_until_ns BIGINT;
UPDATE jobs SET queued_ns = started_ns;
CREATE INDEX jobs_by_end ON jobs (ended_ns);
CREATE INDEX jobs_by_start ON jobs (started_ns);
CREATE INDEX jobs_by_queueing ON jobs (queued_ns);
CREATE INDEX jobs_by_batch ON jobs (batch);

ALTER TABLE backups ADD COLUMN complete_at_ns BIGINT;
ALTER TABLE backups ADD COLUMN drilled_at_ns BIGINT;
ALTER TABLE backups ADD COLUMN drill_problem TEXT NOT NULL DEFAULT '';

INSERT INTO counters (name, value) VALUES ('tokens', 0);

CREATE TABLE server_states (
  server TEXT NOT NULL PRIMARY KEY REFERENCES servers (name),
  failures INTEGER NOT NULL,
  pauses INTEGER NOT NULL,
  failing_since_ns BIGINT,
  paused_until_ns BIGINT,
  recovered_at_ns BIGINT,
  last_error TEXT NOT NULL
);

CREATE TABLE database_states (
  company TEXT NOT NULL,
  fiscal_year INTEGER NOT NULL,
  known_since_ns BIGINT,
  changed_at_ns BIGINT,
  fingerprint BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  attempt INTEGER NOT NULL DEFAULT 0,
  started_ns BIGINT,
  ended_ns BIGINT,
  scheduled_day INTEGER,
  PRIMARY KEY (company, fiscal_year),
  FOREIGN KEY (company, fiscal_year) REFERENCES databases (company, fiscal_year)
);

CREATE TABLE company_states (
  company TEXT NOT NULL PRIMARY KEY REFERENCES companies (id),
  stored_bytes BIGINT,
  measured_at_ns BIGINT,
  wants_prune_since_ns BIGINT,
  pruned_at_ns BIGINT,
  verified_at_ns BIGINT
);

-- By the operator. An empty server: everything.
CREATE TABLE pauses (
  server TEXT NOT NULL PRIMARY KEY,
  since_ns BIGINT NOT NULL
);

-- Rights that one process has at a time, such as planning.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until_ns BIGINT NOT NULL
);

-- Small facts that must outlive a process, such as when something was done last.
CREATE TABLE facts (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
