-- What has changed since somebody looked, so that a look at a large fleet reads that alone.

-- version: of the last change of what a plan is made of, in the company, its databases, their last attempts or their
-- backups. Writers take turns, so a version is never seen before a smaller one. The row outlives the company.
CREATE TABLE company_changes (
  company TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL
);
CREATE INDEX company_changes_by_version ON company_changes (version);

INSERT INTO counters (name, value) VALUES ('changes', 0);
