-- paused_since, paused_by: since when an operator has had nothing new done at the payer or sink, and who; NULL: nobody has.
ALTER TABLE payer_gate ADD COLUMN paused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN paused_by VARCHAR(128);
ALTER TABLE sink_gate ADD COLUMN paused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN paused_by VARCHAR(128);
