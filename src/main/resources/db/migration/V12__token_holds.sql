-- Payers and sinks whose token endpoint refuses the client: since when and why, until when their steps wait (NULL: for
-- as long as it takes), and when it is looked at again.
ALTER TABLE payer_gate ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN refused_why VARCHAR(1000);
ALTER TABLE payer_gate ADD COLUMN refused_until TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN look_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN refused_why VARCHAR(1000);
ALTER TABLE sink_gate ADD COLUMN refused_until TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ADD COLUMN look_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE sink_gate ALTER COLUMN held_until DROP NOT NULL;
