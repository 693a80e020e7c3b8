-- How many of the payer's rows a node took over from one whose lease had run out.
ALTER TABLE payer_gate ADD COLUMN takeovers BIGINT DEFAULT 0 NOT NULL;
