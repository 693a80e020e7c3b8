-- closed_from, closed_until: the time outside a payer's call-window that goes on, or the next one; NULL: it has none.
-- called_at: when calls were last given out, how many without a second and a minute between; calls_from: when its limit has
-- room again.
ALTER TABLE payer_gate ADD COLUMN closed_from TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN closed_until TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN called_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE payer_gate ADD COLUMN calls_of_second INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payer_gate ADD COLUMN calls_of_minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payer_gate ADD COLUMN calls_from TIMESTAMP WITH TIME ZONE;
