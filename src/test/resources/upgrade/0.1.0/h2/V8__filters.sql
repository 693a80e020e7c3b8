-- One transfer by the sender's id. H2 has no partial indexes, and a whole one for each other filter would cost every step.
CREATE INDEX transfer_request_id ON transfer (request_id);
