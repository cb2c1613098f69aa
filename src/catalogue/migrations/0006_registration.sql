-- Every database has its state from the moment of its registration.
--
-- Of those that no service has looked at yet that moment is not known: it was before their oldest backup, and what has
-- none is due at once.

INSERT INTO database_states (company, fiscal_year)
  SELECT d.company, d.fiscal_year FROM databases d WHERE NOT EXISTS (SELECT 1 FROM database_states s WHERE s.company =
  d.company AND s.fiscal_year = d.fiscal_year);
UPDATE database_states SET known_since_ns = COALESCE((SELECT MIN(b.time_ns) FROM backups b WHERE b.company =
  database_states.company AND b.fiscal_year = database_states.fiscal_year), 0) WHERE known_since_ns IS NULL;
