-- One row: the ledger's id, which marks the folders that its nodes share, and which of these were marked once.
CREATE TABLE ledger_identity (
  only_row INTEGER     NOT NULL PRIMARY KEY CHECK (only_row = 1),
  id       VARCHAR(36) NOT NULL
);
CREATE TABLE ledger_folder (
  name      VARCHAR(32) NOT NULL PRIMARY KEY,
  marked_at TIMESTAMP WITH TIME ZONE NOT NULL
);
