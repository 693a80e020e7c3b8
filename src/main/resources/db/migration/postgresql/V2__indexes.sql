-- Partial: they hold only what may come due, and only what is leased.
CREATE INDEX transfer_due ON transfer (stage, payer, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX export_job_due ON export_job (stage, payer, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX output_file_due ON output_file (stage, payer, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_due ON delivery (stage, payer, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX transfer_leased ON transfer (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX export_job_leased ON export_job (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX output_file_leased ON output_file (lease_until) WHERE lease_until IS NOT NULL;
