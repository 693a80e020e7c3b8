-- Transfers are counted by the index alone: batches, which are in no list, are left out of it.
DROP INDEX transfer_payer;
CREATE INDEX transfer_payer ON transfer (payer, state) WHERE NOT is_batch;
