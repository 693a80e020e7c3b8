-- One row for each inbox file that a node is reading right now. The columns are those of Camel's JdbcMessageIdRepository.
CREATE TABLE inbox_lock (
  processorName VARCHAR(64)   NOT NULL,
  messageId     VARCHAR(1000) NOT NULL,
  createdAt     TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (processorName, messageId)
);
