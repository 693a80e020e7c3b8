-- How many of a delivery's warnings tell of nothing that is missing, as it ended then; no row: none. A table of its own, as for consents.
CREATE TABLE delivery_remarks (
  delivery_id BIGINT  NOT NULL PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
  ended_at    TIMESTAMP WITH TIME ZONE NOT NULL,
  remarks     INTEGER NOT NULL
);
