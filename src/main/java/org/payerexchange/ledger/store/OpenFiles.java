package org.payerexchange.ledger.store;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobEnd;
import org.payerexchange.ledger.Row;

/**
 * What ends before its children: they fail with it, and whoever still works on one is too late.
 * Their transfer is locked.
 */
final class OpenFiles {
  /** The kinds of files without which a job is complete; as SQL has them. */
  static final String OPTIONAL =
      Arrays.stream(FileKind.values())
          .filter(FileKind::isOptional)
          .map("'%s'"::formatted)
          .collect(Collectors.joining(", ", "(", ")"));

  private final LedgerDatabase database;

  OpenFiles(LedgerDatabase database) {
    this.database = database;
  }

  void endWithJob(LockedTransfer transfer, long jobId, Failure failure) {
    fail("output_file", "job_id", jobId, "'PENDING'", failure);
    transfer.steps().dropDownloadsOfJob(jobId);
  }

  /** What is stored of it, too, is not to be had. */
  void endAllWithJob(LockedTransfer transfer, long jobId, Failure failure) {
    fail("output_file", "job_id", jobId, "'PENDING', 'STORED'", failure);
    transfer.steps().dropDownloadsOfJob(jobId);
  }

  /** How many files of a job are to come, whatever a split or its pages say. */
  int toCome(long jobId) {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM output_file WHERE job_id = ? AND state = 'PENDING'")
        .param(jobId)
        .query(Integer.class)
        .single();
  }

  /** Nobody needs any more what is there of an export that members shared. */
  void remove(long sharedJob) {
    database.update(
        "UPDATE output_file SET state = ? WHERE job_id = ? AND state = ?",
        FileState.STORED.to(FileState.REMOVED).name(),
        sharedJob,
        FileState.STORED.name());
  }

  void endWithTransfer(LockedTransfer transfer, Failure failure) {
    fail("output_file", "transfer_id", transfer.id(), "'PENDING'", failure);
    endDeliveries(transfer, failure);
    transfer.steps().dropAll();
  }

  void endDeliveries(LockedTransfer transfer, Failure failure) {
    if (transfer.openDeliveries() > 0) {
      fail("delivery", "transfer_id", transfer.id(), "'PENDING'", failure);
      transfer.steps().dropDeliveries();
      transfer.openDeliveries(-transfer.openDeliveries());
    }
  }

  /** A job that ends before its files, in words, with what is stored of it. */
  String inWords(LockedJob job) {
    if (job.exports() == 0) {
      return "job " + job.id();
    }
    return "job %s (%s)".formatted(job.id(), of(job).inWords());
  }

  /** What is there of a job's files. */
  JobEnd.Files of(LockedJob job) {
    return database
        .jdbc()
        .sql(
            """
            SELECT COUNT(CASE WHEN state = 'PENDING' THEN 1 END) AS open,
              COUNT(CASE WHEN state = 'STORED' THEN 1 END) AS stored,
              SUM(CASE WHEN state = 'STORED' THEN resources END) AS resources,
              SUM(CASE WHEN state = 'STORED' THEN bytes END) AS bytes,
              SUM(CASE WHEN kind = 'OUTPUT' AND export_number = ? THEN resources END) AS arrived,
              MIN(CASE WHEN state = 'FAILED' AND kind NOT IN %s THEN id END) AS failed
            FROM output_file WHERE job_id = ? %s"""
                .formatted(OPTIONAL, job.kind().named()))
        .params(job.exports(), job.id())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new JobEnd.Files(
                  row.number("open"),
                  row.number("stored"),
                  row.big("resources"),
                  row.big("bytes"),
                  row.big("arrived"),
                  Optional.ofNullable(row.bigOrNull("failed")).map(this::failureOf));
            })
        .single();
  }

  private Failure failureOf(long fileId) {
    return database
        .jdbc()
        .sql("SELECT reason, detail FROM output_file WHERE id = ?")
        .param(fileId)
        .query((row, at) -> Failure.of(new Row(row)))
        .single();
  }

  private void fail(String table, String of, Object id, String left, Failure failure) {
    database.update(
        """
            UPDATE %s SET state = 'FAILED', reason = ?, detail = ?, updated_at = CURRENT_TIMESTAMP
            WHERE %s = ? AND state IN (%s)"""
            .formatted(table, of, left),
        failure.reason().name(),
        LedgerDatabase.shortened(failure.detail()),
        id);
  }
}
