-- How a Firebird database is read: logical (gbak) or physical (nbackup).

ALTER TABLE databases ADD COLUMN method TEXT NOT NULL DEFAULT 'logical';
