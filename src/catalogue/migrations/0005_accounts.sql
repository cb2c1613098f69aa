-- Who may use the API, and what they have changed (catalogue/accounts.h).

-- password: the hash with its salt and cost, as api/password.h writes it.
CREATE TABLE users (
  name TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_ns BIGINT NOT NULL,
  changed_ns BIGINT NOT NULL,
  signed_in_ns BIGINT
);

-- A company that is removed and registered again is the same one: no reference.
CREATE TABLE user_companies (
  user_name TEXT NOT NULL REFERENCES users (name),
  company TEXT NOT NULL,
  PRIMARY KEY (user_name, company)
);

-- hash: SHA-256 of what the cookie or the token holds; what it is made of stands nowhere.
CREATE TABLE sessions (
  hash TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL REFERENCES users (name),
  created_ns BIGINT NOT NULL,
  used_ns BIGINT NOT NULL,
  expires_ns BIGINT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_name);

CREATE TABLE api_tokens (
  id BIGINT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  user_name TEXT NOT NULL REFERENCES users (name),
  scope TEXT NOT NULL,
  created_ns BIGINT NOT NULL,
  expires_ns BIGINT NOT NULL,
  used_ns BIGINT,
  revoked_ns BIGINT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_name);

-- Outlives the users and companies that it tells of: it is history. Nothing changes or removes a row.
CREATE TABLE audit (
  id BIGINT NOT NULL PRIMARY KEY,
  time_ns BIGINT NOT NULL,
  user_name TEXT NOT NULL,
  way TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  before_json TEXT NOT NULL,
  after_json TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_user ON audit (user_name, id);

-- What a request that bears a key of its own has started, so that a repeat starts nothing more. jobs: ids with ',' between.
CREATE TABLE idempotency_keys (
  user_name TEXT NOT NULL,
  request_key TEXT NOT NULL,
  request TEXT NOT NULL,
  jobs TEXT NOT NULL,
  time_ns BIGINT NOT NULL,
  PRIMARY KEY (user_name, request_key)
);

INSERT INTO counters (name, value) VALUES ('api_tokens', 0);
INSERT INTO counters (name, value) VALUES ('audit', 0);
