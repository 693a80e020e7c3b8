-- The same of requests that repeat.
ALTER TABLE recurrence ADD COLUMN consent_policy VARCHAR;
