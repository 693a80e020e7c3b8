-- What has ended in the last hour, without a look at all that ended before.
CREATE INDEX transfer_finished ON transfer (finished_at) WHERE finished_at IS NOT NULL AND NOT is_batch;
