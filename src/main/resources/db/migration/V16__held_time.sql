-- How long a payer or sink was held in all, counted until held_counted_at: its steps grow no older in that time.
-- Their failing_since, refused_since and polling_since are points in time less what the gate had been held by then.
ALTER TABLE payer_gate ADD COLUMN held_seconds DOUBLE PRECISION DEFAULT 0 NOT NULL;
ALTER TABLE payer_gate ADD COLUMN held_counted_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;
ALTER TABLE sink_gate ADD COLUMN held_seconds DOUBLE PRECISION DEFAULT 0 NOT NULL;
ALTER TABLE sink_gate ADD COLUMN held_counted_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;
UPDATE payer_gate SET held_counted_at = refused_since WHERE refused_since IS NOT NULL;
UPDATE sink_gate SET held_counted_at = refused_since WHERE refused_since IS NOT NULL;
-- What p2p.poll.deadline counts from.
ALTER TABLE export_job ADD COLUMN polling_since TIMESTAMP WITH TIME ZONE;
UPDATE export_job SET polling_since = started_at;
