-- What discovery has seen of each database.

ALTER TABLE database_states ADD COLUMN seen_ns BIGINT;
ALTER TABLE database_states ADD COLUMN vanished_ns BIGINT;
