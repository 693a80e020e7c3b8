-- Data that is read page by page, where a payer has no export: an export_job of kind PAGES.
--
-- checkpoint: what of it is on the disk, and which page is next; PHI, since it may hold the payer's Patient. NULL: none yet.
ALTER TABLE export_job ADD COLUMN checkpoint VARCHAR;
