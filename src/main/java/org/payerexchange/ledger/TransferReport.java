package org.payerexchange.ledger;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * How a transfer ended, for the outcome message and {@code manifest.json}.
 *
 * @param requestId the sender's id of the request, or null
 * @param repeatOf the transfer before it, where it is asked again and again, or null
 * @param source where the request came from
 * @param reason why it failed, or null
 * @param detail the failure in words, without PHI, or null
 * @param failedAt the step that failed, or null
 * @param exports those that came to their end
 * @param warnings of the transfer's jobs and files
 * @param files in the order of their numbers, failed ones too
 */
public record TransferReport(
    String transferId,
    String requestId,
    String payer,
    String repeatOf,
    String source,
    int recordNumber,
    TransferState state,
    FailureReason reason,
    String detail,
    Stage failedAt,
    Instant receivedAt,
    Instant finishedAt,
    List<ReportedExport> exports,
    List<String> warnings,
    List<ReportedFile> files) {

  /** Copies the lists. */
  public TransferReport {
    exports = List.copyOf(exports);
    warnings = List.copyOf(warnings);
    files = List.copyOf(files);
  }

  /**
   * One export.
   *
   * @param transactionTime the instant that it reflects, as the payer wrote it, or null
   * @param since from when on it was asked for, or null for all
   */
  public record ReportedExport(String transactionTime, Instant since) {}

  /** The instants that the exports reflect, of those of which the payer wrote one. */
  public List<String> transactionTimes() {
    return exports.stream().map(ReportedExport::transactionTime).filter(Objects::nonNull).toList();
  }

  /**
   * One output file.
   *
   * @param expectedCount resources that the manifest announced, or null
   * @param resources its lines, or null where it was never fetched
   * @param bytes its size, or null
   * @param sha256 lower-case hex of its content, or null
   * @param stamp what its file system said of it when it was stored, or null
   * @param storedAt when it was, or null
   * @param reason why it failed, in the report also why a sink would not have it, or null
   * @param dueAt when its download is due or its lease ends, or null where nothing is to be done
   * @param contentType an attachment's, as it is announced, or null
   * @param namedIn the line that names the attachment, or null of any other file
   */
  public record ReportedFile(
      long id,
      long jobId,
      String name,
      FileKind kind,
      String resourceType,
      int number,
      FileState state,
      Long expectedCount,
      Long resources,
      Long bytes,
      String sha256,
      @JsonIgnore String stamp,
      Instant storedAt,
      FailureReason reason,
      String detail,
      List<String> warnings,
      int attempts,
      Instant dueAt,
      String contentType,
      String namedIn) {

    /** Of a row of an output file. */
    public static ReportedFile of(Row row) throws SQLException {
      return of(row, row.reason());
    }

    /** Of a row with the reason that is told. */
    public static ReportedFile of(Row row, FailureReason reason) throws SQLException {
      return new ReportedFile(
          row.big("id"),
          row.big("job_id"),
          FileName.of(row.text("resource_type"), row.number("number")),
          row.constant(FileKind.class, "kind"),
          row.text("resource_type"),
          row.number("number"),
          row.constant(FileState.class, "state"),
          row.bigOrNull("expected_count"),
          row.bigOrNull("resources"),
          row.bigOrNull("bytes"),
          row.text("sha256"),
          row.text("stamp"),
          row.instant("stored_at"),
          reason,
          row.text("detail"),
          row.warnings(),
          row.number("attempts"),
          row.instant("due_at"),
          row.text("content_type"),
          row.text("named_in"));
    }

    /** Whether it holds resources of its type, one a line, that are the member's. */
    @JsonIgnore
    public boolean holdsResources() {
      return kind.holdsResources(resourceType);
    }

    /** Whether it is to be in the outbox; an error file that could not be had is in none. */
    @JsonIgnore
    public boolean isStored() {
      return state == FileState.STORED && (kind != FileKind.ERROR || bytes > 0);
    }
  }
}
