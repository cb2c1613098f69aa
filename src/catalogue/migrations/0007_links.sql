-- Links by which a backup is downloaded without signing in.

-- hash: SHA-256 of what the URL holds; what it is made of stands nowhere. Company, backup and user may go meanwhile: no
-- references. mail_state: '' where it was shown, else pending, sent or failed.
CREATE TABLE download_links (
  id BIGINT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  company TEXT NOT NULL,
  fiscal_year INTEGER NOT NULL,
  snapshot_id TEXT NOT NULL,
  backup_time_ns BIGINT NOT NULL,
  form TEXT NOT NULL,
  user_name TEXT NOT NULL,
  created_ns BIGINT NOT NULL,
  expires_ns BIGINT NOT NULL,
  most_uses INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  used_ns BIGINT,
  revoked_ns BIGINT,
  mail TEXT NOT NULL,
  mail_state TEXT NOT NULL,
  mail_problem TEXT NOT NULL
);
CREATE INDEX download_links_by_company ON download_links (company, id);

INSERT INTO counters (name, value) VALUES ('download_links', 0);
