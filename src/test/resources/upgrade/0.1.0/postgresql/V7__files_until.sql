-- files_until: until when the payer keeps the files of the newest manifest, by its Expires and our clock; NULL where it does not say.
ALTER TABLE export_job ADD COLUMN files_until TIMESTAMP WITH TIME ZONE;
