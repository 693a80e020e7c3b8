-- Since when a payer or sink has asked for one pause after the other, without a step that succeeded in between.
ALTER TABLE payer_gate ADD COLUMN held_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN held_since TIMESTAMP WITH TIME ZONE;
