-- first_file_at: when the first file of the transfer was in the outbox; NULL: none is yet, or it had ended before this was kept.
ALTER TABLE transfer ADD COLUMN first_file_at TIMESTAMP WITH TIME ZONE;
UPDATE transfer SET first_file_at = (SELECT MIN(stored_at) FROM output_file WHERE transfer_id = transfer.id)
WHERE finished_at IS NULL;
