-- What people look for among many transfers: those that are not COMPLETE, those with a reason, one by the sender's id, and those
-- of which a sink has not had all. Partial: of a transfer that went well none of them has anything but the sender's id.
CREATE INDEX transfer_incomplete ON transfer (state, received_at) WHERE state <> 'COMPLETE' AND NOT is_batch;
CREATE INDEX transfer_reason ON transfer (reason, received_at) WHERE reason IS NOT NULL AND NOT is_batch;
CREATE INDEX transfer_request_id ON transfer (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX delivery_undone ON delivery (sink, transfer_id) WHERE state <> 'DONE';
