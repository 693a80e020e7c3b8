-- How far the consent goes that was given with a request: its policies' URIs, sorted; and its first day. NULL, or no row: not known.
-- It outlives the request.
-- A table of its own, since a node of before selects all columns of a transfer in its commits, of which each connection's next one
-- would fail for a column that is new.
CREATE TABLE transfer_consent (
  transfer_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES transfer (id) ON DELETE CASCADE,
  policy      VARCHAR,
  first_day   DATE
);
