-- turn: the place of a file among those of its transfer, at a sink that takes them one after the other.
ALTER TABLE delivery ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
-- What the sink took with reservations, one a line.
ALTER TABLE delivery ADD COLUMN warnings VARCHAR;
CREATE INDEX delivery_transfer ON delivery (transfer_id, sink);

-- Sinks that asked for a pause.
CREATE TABLE sink_gate (
  sink       VARCHAR(500) NOT NULL PRIMARY KEY,
  held_until TIMESTAMP WITH TIME ZONE NOT NULL
);
