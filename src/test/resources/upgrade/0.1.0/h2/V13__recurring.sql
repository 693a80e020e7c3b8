-- Requests that are asked again and again, as long as the member consents.
--
-- transfers: how many there have been; last_transfer: the latest of them.
-- started_at: when the first was registered; all others are counted from there.
-- next_at: when the next is due; NULL: never again. These three go by the node's clock.
CREATE TABLE recurrence (
  id             VARCHAR(36)  NOT NULL PRIMARY KEY,
  payer          VARCHAR(64)  NOT NULL,
  request_id     VARCHAR(200),
  source         VARCHAR(500) NOT NULL,
  record_number  INTEGER      NOT NULL,
  request_sha256 VARCHAR(64)  NOT NULL,
  member_ids     VARCHAR(1000),
  consent_start  DATE,
  consent_end    DATE,
  state          VARCHAR(16)  NOT NULL,
  repeat_every   VARCHAR(32)  NOT NULL,
  repeat_until   DATE         NOT NULL,
  transfers      INTEGER      NOT NULL,
  last_transfer  VARCHAR(36)  NOT NULL,
  started_at     TIMESTAMP WITH TIME ZONE NOT NULL,
  next_at        TIMESTAMP WITH TIME ZONE,
  ended_at       TIMESTAMP WITH TIME ZONE,
  ended_by       VARCHAR(128)
);

-- What is asked, and a hash of who the member is: PHI, and apart, because it goes when the recurrence ends.
CREATE TABLE recurrence_request (
  recurrence_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES recurrence (id) ON DELETE CASCADE,
  request_json  VARCHAR     NOT NULL,
  member_key    VARCHAR(64)
);

-- recurrence_id: what the transfer is one of; repeat_of: the one before it.
-- member_ids: keyed hashes of the ids of its member, coverage and consent, by which a withdrawal finds it.
-- withdrawn_at: since when it may not be retried, because its member withdrew the consent after its end.
ALTER TABLE transfer ADD COLUMN recurrence_id VARCHAR(36);
ALTER TABLE transfer ADD COLUMN repeat_of VARCHAR(36);
ALTER TABLE transfer ADD COLUMN member_ids VARCHAR(1000);
ALTER TABLE transfer ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE;

-- What may not be asked of a payer any more, by the same hashes: of members and coverages, until a consent that begins on that day
-- or later and is none of those that were withdrawn with them, whose hashes begin with s.
CREATE TABLE withdrawal (
  payer        VARCHAR(64)  NOT NULL,
  id_hash      VARCHAR(32)  NOT NULL,
  withdrawn_on DATE         NOT NULL,
  withdrawn_by VARCHAR(500) NOT NULL,
  at           TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (id_hash, payer)
);

-- One row: the key of these hashes.
CREATE TABLE id_hash_key (
  only_row INTEGER     NOT NULL PRIMARY KEY CHECK (only_row = 1),
  hash_key VARCHAR(64) NOT NULL
);

CREATE INDEX recurrence_next ON recurrence (next_at);
CREATE INDEX recurrence_payer ON recurrence (payer, state);
CREATE INDEX recurrence_request_member ON recurrence_request (member_key);
