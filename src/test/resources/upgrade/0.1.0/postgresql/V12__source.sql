-- Transfers by how their source ends, such as a file's name.
CREATE INDEX transfer_source ON transfer (reverse(source) text_pattern_ops) WHERE NOT is_batch;
