-- remarks: how many of a delivery's warnings tell of nothing that is missing.
ALTER TABLE delivery ADD COLUMN remarks INTEGER NOT NULL DEFAULT 0;
