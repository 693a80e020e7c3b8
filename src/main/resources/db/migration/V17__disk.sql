-- Written to now and then, to see whether anything can be committed.
CREATE TABLE ledger_probe (
  only_row   INTEGER NOT NULL PRIMARY KEY,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL
);
INSERT INTO ledger_probe (only_row, written_at) VALUES (1, CURRENT_TIMESTAMP);
-- What came for the transfer in all, in bytes; of a file that is fetched twice, twice.
ALTER TABLE transfer ADD COLUMN received_bytes BIGINT DEFAULT 0 NOT NULL;
