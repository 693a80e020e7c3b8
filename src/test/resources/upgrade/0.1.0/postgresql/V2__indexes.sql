-- Partial: they hold only what may come due, and only what is leased.
CREATE INDEX step_due ON step (kind, lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX step_leased ON step (lease_until) WHERE lease_until IS NOT NULL;
