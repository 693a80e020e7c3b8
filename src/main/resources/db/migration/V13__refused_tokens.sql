-- Since when a step's failures in a row are all refusals of a token that was fresh; NULL: the latest was none.
ALTER TABLE transfer ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE export_job ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE output_file ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE delivery ADD COLUMN refused_since TIMESTAMP WITH TIME ZONE;
