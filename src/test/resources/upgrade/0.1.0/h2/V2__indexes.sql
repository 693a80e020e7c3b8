CREATE INDEX step_due ON step (kind, lane, due_at);

-- NULLs last would be read with every look for what is leased longer than until now.
CREATE INDEX step_leased ON step (lease_until NULLS FIRST);
