-- H2 writes a sequence down, and all changes with it, whenever its numbers in memory are used up: by itself 32.
ALTER SEQUENCE lease_token CACHE 1000;
ALTER TABLE export_job ALTER COLUMN id SET CACHE 1000;
ALTER TABLE output_file ALTER COLUMN id SET CACHE 1000;
ALTER TABLE delivery ALTER COLUMN id SET CACHE 1000;
ALTER TABLE step ALTER COLUMN id SET CACHE 1000;
