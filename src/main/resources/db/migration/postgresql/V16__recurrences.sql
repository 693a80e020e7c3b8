-- A page of a payer's recurring requests, and those of a sender's request.
DROP INDEX recurrence_payer;
CREATE INDEX recurrence_payer ON recurrence (payer, next_at, id);
CREATE INDEX recurrence_request_id ON recurrence (request_id);

-- Whose recurring requests are meant by a withdrawal: by any of their hashes.
CREATE INDEX recurrence_member_ids ON recurrence USING GIN (string_to_array(member_ids, ' '));
