-- A requestId is its payer's own: what one payer's sender calls a request says nothing of another's.
UPDATE transfer SET intake_key = 'request:' || payer || ':' || request_id
WHERE intake_key = 'request:' || request_id AND payer IS NOT NULL;
