-- A sink's gate is asked as a payer's is, and has no limit.
ALTER TABLE sink_gate ADD COLUMN closed_from TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN closed_until TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN calls_from TIMESTAMP WITH TIME ZONE;
