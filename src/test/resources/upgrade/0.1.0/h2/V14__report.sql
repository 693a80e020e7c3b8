-- enrolled_on: since when the member is ours, as the sender says; NULL: it does not.
-- asked_at: when the request that the payer was first asked with was sent. answered_at: when its first answer to a match had been read.
ALTER TABLE transfer ADD COLUMN enrolled_on DATE;
ALTER TABLE transfer ADD COLUMN asked_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE transfer ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE;

-- Of transfers before this the trail tells: a member's match was sent no more than a call's time before its answer or its first failure.
UPDATE transfer SET
  answered_at = (SELECT MIN(at) FROM transfer_event WHERE transfer_id = transfer.id AND what IN ('MATCHED', 'NO_MATCH')),
  asked_at = COALESCE(
    (SELECT MIN(at) FROM transfer_event WHERE transfer_id = transfer.batch_id AND what = 'KICKOFF_STARTED'),
    (SELECT MIN(at) FROM transfer_event WHERE transfer_id = transfer.id AND (what IN ('MATCHED', 'NO_MATCH')
      OR what = 'RETRY_LATER' AND (detail LIKE 'MEMBER_MATCH: PAYER%' OR detail LIKE 'MEMBER_MATCH: BAD_ANSWER%')
      OR what = 'FAILED' AND (detail LIKE 'PAYER_REFUSED%' OR detail LIKE 'BAD_ANSWER%' OR detail LIKE 'NO_GROUP_ID%'))))
WHERE NOT is_batch AND state <> 'REJECTED';

-- A report goes through those of a period page by page.
DROP INDEX transfer_received;
CREATE INDEX transfer_received ON transfer (received_at, id);
