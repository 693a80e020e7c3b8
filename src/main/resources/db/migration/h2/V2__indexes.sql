CREATE INDEX transfer_due ON transfer (stage, payer, due_at);
CREATE INDEX export_job_due ON export_job (stage, payer, due_at);
CREATE INDEX output_file_due ON output_file (stage, payer, due_at);
CREATE INDEX delivery_due ON delivery (stage, payer, due_at);

-- NULLs last would be read with every look for what is leased longer than until now.
CREATE INDEX transfer_leased ON transfer (lease_until NULLS FIRST);
CREATE INDEX export_job_leased ON export_job (lease_until NULLS FIRST);
CREATE INDEX output_file_leased ON output_file (lease_until NULLS FIRST);
