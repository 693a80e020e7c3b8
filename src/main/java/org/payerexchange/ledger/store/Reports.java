package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.List;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedExport;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** Reads how a transfer ended. */
final class Reports {
  private final LedgerDatabase database;

  Reports(LedgerDatabase database) {
    this.database = database;
  }

  TransferReport report(String transferId) {
    List<String> warnings = new ArrayList<>();
    List<ReportedExport> exports = new ArrayList<>();
    database
        .jdbc()
        .sql(
            "SELECT state, warnings, transaction_time, since FROM export_job WHERE transfer_id = ? ORDER BY id")
        .param(transferId)
        .query(
            results -> {
              Row row = new Row(results);
              warnings.addAll(row.warnings());
              String time = row.text("transaction_time");
              if (time != null || row.constant(JobState.class, "state") == JobState.COMPLETE) {
                exports.add(new ReportedExport(time, row.instant("since")));
              }
            });
    List<ReportedFile> files = files(transferId, warnings);
    database
        .jdbc()
        .sql(
            """
            SELECT sink, warnings FROM delivery
            WHERE transfer_id = ? AND warnings IS NOT NULL ORDER BY sink""")
        .param(transferId)
        .query(
            results -> {
              Row row = new Row(results);
              String sink = row.text("sink");
              row.warnings().forEach(warning -> warnings.add(sink + ": " + warning));
            });
    return database
        .jdbc()
        .sql(
            """
            SELECT transfer.*, CASE
              WHEN state NOT IN ('FAILED', 'NO_MATCH') THEN NULL
              WHEN reason = 'AMBIGUOUS_MATCH' AND batch_id IS NOT NULL THEN 'MATCH_BATCH'
              WHEN EXISTS (SELECT 1 FROM delivery WHERE transfer_id = transfer.id
                AND state = 'FAILED') THEN 'DELIVER'
              WHEN EXISTS (SELECT 1 FROM export_job job JOIN output_file
                ON output_file.job_id IN (job.id, job.shared_job)
                WHERE job.transfer_id = transfer.id AND job.state <> 'COMPLETE'
                AND output_file.state = 'FAILED' AND output_file.kind NOT IN %s) THEN 'DOWNLOAD'
              WHEN EXISTS (SELECT 1 FROM export_job job JOIN output_file
                ON output_file.job_id = job.shared_job WHERE job.transfer_id = transfer.id
                AND job.state <> 'COMPLETE'
                AND output_file.state IN ('STORED', 'REMOVED')) THEN 'SPLIT'
              WHEN EXISTS (SELECT 1 FROM export_job job JOIN output_file
                ON output_file.job_id = job.id WHERE job.transfer_id = transfer.id
                AND job.state <> 'COMPLETE' AND output_file.state = 'STORED'
                AND output_file.shared) THEN 'SPLIT_TYPES'
              WHEN EXISTS (SELECT 1 FROM export_job WHERE transfer_id = transfer.id
                AND state <> 'COMPLETE' AND kind = 'MEMBER' AND shared_job IS NULL)
                THEN 'MATCH_BATCH'
              WHEN EXISTS (SELECT 1 FROM export_job job LEFT JOIN export_job shared
                ON shared.id = job.shared_job WHERE job.transfer_id = transfer.id
                AND job.state <> 'COMPLETE'
                AND COALESCE(shared.status_url, job.status_url) IS NOT NULL) THEN 'EXPORT_POLL'
              WHEN EXISTS (SELECT 1 FROM export_job WHERE transfer_id = transfer.id
                AND state <> 'COMPLETE' AND kind = 'PAGES') THEN 'RETRIEVE'
              WHEN EXISTS (SELECT 1 FROM export_job WHERE transfer_id = transfer.id
                AND state <> 'COMPLETE') THEN 'EXPORT_KICKOFF'
              WHEN EXISTS (SELECT 1 FROM export_job WHERE transfer_id = transfer.id)
                THEN 'OUTCOME'
              WHEN batch_id IS NULL THEN 'MEMBER_MATCH'
              ELSE 'MATCH_BATCH' END AS failed_at
            FROM transfer WHERE id = ?"""
                .formatted(OpenFiles.OPTIONAL))
        .param(transferId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new TransferReport(
                  row.text("id"),
                  row.text("request_id"),
                  row.text("payer"),
                  row.text("repeat_of"),
                  row.text("source"),
                  row.number("record_number"),
                  row.constant(TransferState.class, "state"),
                  row.reason(),
                  row.text("detail"),
                  row.constant(Stage.class, "failed_at"),
                  row.instant("received_at"),
                  row.instant("finished_at"),
                  exports,
                  warnings,
                  files);
            })
        .optional()
        .orElseThrow(() -> new IllegalArgumentException("no transfer " + transferId));
  }

  /** What was to be split first is in no folder of the transfer's. */
  private List<ReportedFile> files(String transferId, List<String> warnings) {
    List<ReportedFile> files = new ArrayList<>();
    database
        .jdbc()
        .sql(
            """
            SELECT output_file.*, COALESCE(reason, (SELECT MIN(reason) FROM delivery
              WHERE transfer_id = output_file.transfer_id AND state = 'FAILED'
              AND CASE WHEN whole THEN whole_turn ELSE turn END >= place)) AS why
            FROM %s output_file WHERE transfer_id = ? AND NOT (shared AND state = 'STORED')
            ORDER BY number"""
                .formatted(Steps.with("output_file")))
        .param(transferId)
        .query(
            results -> {
              Row row = new Row(results);
              ReportedFile file = ReportedFile.of(row, row.constant(FailureReason.class, "why"));
              file.warnings().forEach(warning -> warnings.add(file.name() + ": " + warning));
              files.add(file);
            });
    return files;
  }
}
