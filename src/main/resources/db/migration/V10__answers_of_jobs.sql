-- How many polls in a row were answered with a failure that the payer stands by.
ALTER TABLE export_job ADD COLUMN refused_polls INTEGER DEFAULT 0 NOT NULL;
-- What the kick-off was limited to, so that a later one knows whether it asks for more; NULL: not known.
ALTER TABLE export_job ADD COLUMN asked_for VARCHAR;
-- Why the kick-off asked for all where it could have asked for less, a warning of the export.
ALTER TABLE export_job ADD COLUMN asked_for_all VARCHAR(500);
-- How many of the warnings tell of nothing that is missing.
ALTER TABLE export_job ADD COLUMN remarks INTEGER DEFAULT 0 NOT NULL;
