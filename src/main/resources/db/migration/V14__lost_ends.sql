-- What a process had in its hands when it ended without giving it back: how often in a row, and whether it had nothing
-- else in its hands the last time. kind: the step's table, file or message.
CREATE TABLE lost_end (
  kind  VARCHAR(16)   NOT NULL,
  item  VARCHAR(1000) NOT NULL,
  ends  INTEGER       NOT NULL,
  alone BOOLEAN       NOT NULL,
  at    TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (kind, item)
);
