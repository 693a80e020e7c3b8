-- How many requests at once a payer is given while it does not bear its configured limit; NULL: the limit itself.
ALTER TABLE payer_gate ADD COLUMN pace INTEGER;
