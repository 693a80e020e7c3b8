-- Attachments that lines of a transfer's files name: files of kind ATTACHMENT, one for each URL of a transfer.
-- content_type, announced_bytes, announced_hash: as the Attachment says, NULL where it does not.
-- named_in: the first line that names it: <file>/<n>.
-- resource_type: Binary of one that became a line, else attachment.
ALTER TABLE output_file ALTER COLUMN kind SET DATA TYPE VARCHAR(16);
ALTER TABLE output_file ADD COLUMN content_type VARCHAR(200);
ALTER TABLE output_file ADD COLUMN announced_bytes BIGINT;
ALTER TABLE output_file ADD COLUMN announced_hash VARCHAR(200);
ALTER TABLE output_file ADD COLUMN named_in VARCHAR(200);
