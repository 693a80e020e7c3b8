-- How far the consent goes that was given with a request: its policies' URIs, sorted; NULL: not known.
ALTER TABLE transfer ADD COLUMN consent_policy VARCHAR;
