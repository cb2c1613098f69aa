-- Nodes are upgraded one by one: programs of the version before may go on, and start, beside the new ones.

-- works_with: the oldest version of the schema whose programs may use this one too; null: none but its own.
ALTER TABLE schema_versions ADD COLUMN works_with INTEGER;
