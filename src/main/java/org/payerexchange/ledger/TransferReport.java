package org.payerexchange.ledger;

import java.time.Instant;
import java.util.List;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * How a transfer ended, for the outcome message and {@code manifest.json}.
 *
 * @param requestId the sender's id of the request, or null
 * @param source where the request came from
 * @param reason why it failed, or null
 * @param detail the failure in words, without PHI, or null
 * @param failedAt the step that failed, or null
 * @param transactionTimes the instants that the exports reflect, as the payer wrote them
 * @param warnings of the transfer's jobs and files
 * @param files in the order of their numbers, failed ones too
 */
public record TransferReport(
    String transferId,
    String requestId,
    String payer,
    String source,
    int recordNumber,
    TransferState state,
    FailureReason reason,
    String detail,
    Stage failedAt,
    Instant receivedAt,
    Instant finishedAt,
    List<String> transactionTimes,
    List<String> warnings,
    List<ReportedFile> files) {

  /** Copies the lists. */
  public TransferReport {
    transactionTimes = List.copyOf(transactionTimes);
    warnings = List.copyOf(warnings);
    files = List.copyOf(files);
  }

  /**
   * One output file.
   *
   * @param resources its lines, or null where it was never fetched
   * @param bytes its size, or null
   * @param sha256 lower-case hex of its content, or null
   * @param stamp what its file system said of it when it was stored, or null
   * @param reason why it failed, or a sink that was to have it, or null
   */
  public record ReportedFile(
      String name,
      FileKind kind,
      String resourceType,
      int number,
      FileState state,
      Long resources,
      Long bytes,
      String sha256,
      String stamp,
      FailureReason reason) {

    /** Whether it is to be in the outbox; an error file that could not be had is in none. */
    public boolean isStored() {
      return state == FileState.STORED && (kind != FileKind.ERROR || bytes > 0);
    }
  }
}
