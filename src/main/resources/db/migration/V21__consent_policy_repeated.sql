-- How far the consent goes, of requests that repeat.
ALTER TABLE recurrence_request ADD COLUMN consent_policy VARCHAR;
