-- How many of a delivery's warnings tell of nothing that is missing; no row: none. A table of its own, since a node of before, which
-- selects all columns of a delivery in the middle of its commits, would have one of each connection fail for a column that is new.
CREATE TABLE delivery_remarks (
  delivery_id BIGINT  NOT NULL PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
  remarks     INTEGER NOT NULL
);
