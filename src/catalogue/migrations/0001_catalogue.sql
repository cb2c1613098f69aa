-- Servers, companies, databases, backups and jobs.
--
-- Kept to what SQLite and PostgreSQL read alike (docs/decisions/0050). Times are nanoseconds since 1970 in UTC, durations
-- nanoseconds, sizes bytes. A statement ends with ';' at the end of a line.

CREATE TABLE servers (
  name TEXT NOT NULL PRIMARY KEY,
  engine TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
  username TEXT NOT NULL,
  password_file TEXT NOT NULL,
  max_concurrent INTEGER NOT NULL CHECK (max_concurrent >= 1)
);

CREATE TABLE companies (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  server TEXT NOT NULL REFERENCES servers (name),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  backup_minute INTEGER NOT NULL CHECK (backup_minute BETWEEN 0 AND 1439),
  space_limit_bytes BIGINT NOT NULL CHECK (space_limit_bytes > 0),
  time_zone TEXT NOT NULL,
  repository TEXT NOT NULL UNIQUE
);
CREATE INDEX companies_by_server ON companies (server);

-- command: program and arguments, one a line; none holds a line end (model/validate.h).
CREATE TABLE databases (
  company TEXT NOT NULL REFERENCES companies (id),
  fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 1900 AND 2199),
  path TEXT NOT NULL,
  command TEXT NOT NULL,
  average_blob_bytes BIGINT NOT NULL,
  PRIMARY KEY (company, fiscal_year)
);

CREATE TABLE backups (
  snapshot_id TEXT NOT NULL PRIMARY KEY,
  company TEXT NOT NULL,
  fiscal_year INTEGER NOT NULL,
  time_ns BIGINT NOT NULL,
  path TEXT NOT NULL,
  dump_bytes BIGINT NOT NULL,
  new_bytes BIGINT NOT NULL,
  stored_bytes BIGINT NOT NULL,
  elapsed_ns BIGINT NOT NULL,
  pinned_until_ns BIGINT,
  verified_at_ns BIGINT,
  FOREIGN KEY (company, fiscal_year) REFERENCES databases (company, fiscal_year)
);
CREATE INDEX backups_by_database ON backups (company, fiscal_year, time_ns);

-- Jobs outlive the companies they were for: they are history.
CREATE TABLE jobs (
  id BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  company TEXT NOT NULL,
  fiscal_year INTEGER NOT NULL,
  started_ns BIGINT NOT NULL,
  ended_ns BIGINT,
  error_kind TEXT NOT NULL,
  message TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  owner TEXT NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_company ON jobs (company, id);

-- The last id given out, by table: ids are not given twice, whatever is removed.
CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('jobs', 0);
