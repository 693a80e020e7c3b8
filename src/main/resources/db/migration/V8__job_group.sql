-- Which export of a member was the last that was delivered.
CREATE INDEX export_job_group_id ON export_job (payer, group_id);
