-- Many members of a payer that are asked for at once. A batch is carried like a transfer, in a row of its own (is_batch) with its
-- jobs, files, steps and audit trail; its members' transfers go on by themselves once their files are their own.
--
-- batch_id: of a member's transfer, the batch that it is, or was, asked for with.
ALTER TABLE transfer ADD COLUMN is_batch BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE transfer ADD COLUMN batch_id VARCHAR(36);

-- PHI as well: the payer's Patient, by which shared files are split; and a hash of who the member is, by which two transfers of
-- one member never share a batch.
ALTER TABLE transfer_request ADD COLUMN patient_id VARCHAR(128);
ALTER TABLE transfer_request ADD COLUMN member_key VARCHAR(64);

-- gathers: whether members may still join it. most, wait_seconds: how many may, and for how long.
-- members: how many have. tried_before: the batch whose answer was of no use for the only member of this one.
CREATE TABLE member_batch (
  id           VARCHAR(36)      NOT NULL PRIMARY KEY REFERENCES transfer (id) ON DELETE CASCADE,
  payer        VARCHAR(64)      NOT NULL,
  gathers      BOOLEAN          NOT NULL,
  most         INTEGER          NOT NULL,
  wait_seconds DOUBLE PRECISION NOT NULL,
  members      INTEGER          NOT NULL,
  tried_before VARCHAR(36)
);

-- kind: EXPORT, of one transfer; of a batch MATCH, the match job, and SHARED, an export for several members; of a member MEMBER,
--       its part of a shared one (shared_job), which has no steps.
-- part: tells the exports of one Group in a batch apart, of which one is whole and the other from the members' marks on (since).
-- named: whether a shared export asks for its members alone, rather than for the whole Group.
-- patient_sha256: of the payer's Patient: the mark of the last whole export is kept by it.
ALTER TABLE export_job ADD COLUMN kind VARCHAR(8) NOT NULL DEFAULT 'EXPORT';
ALTER TABLE export_job ADD COLUMN shared_job BIGINT REFERENCES export_job (id) ON DELETE SET NULL;
ALTER TABLE export_job ADD COLUMN part INTEGER NOT NULL DEFAULT 0;
ALTER TABLE export_job ADD COLUMN since TIMESTAMP WITH TIME ZONE;
ALTER TABLE export_job ADD COLUMN named BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE export_job ADD COLUMN patient_sha256 VARCHAR(64);
ALTER TABLE export_job DROP CONSTRAINT export_job_group;
ALTER TABLE export_job ADD CONSTRAINT export_job_of UNIQUE (transfer_id, group_id, part);

-- shared: whether it belongs to several members, and is received where nobody is given it.
ALTER TABLE output_file ADD COLUMN shared BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX transfer_batch ON transfer (batch_id);
CREATE INDEX member_batch_payer ON member_batch (payer, gathers);
CREATE INDEX export_job_shared ON export_job (shared_job);
CREATE INDEX export_job_patient ON export_job (payer, patient_sha256);
