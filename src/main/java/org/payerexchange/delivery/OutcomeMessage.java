package org.payerexchange.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Locale;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * How a transfer ended: the JSON of {@code manifest.json} and of the outcome queue. It holds no
 * PHI.
 *
 * @param transfer the transfer's id
 * @param requestId the id that the request came with, absent if it had none
 * @param repeatOf the transfer before it, where the request is asked again and again, else absent
 * @param payer the source payer's id
 * @param status {@code COMPLETE}, {@code NO_MATCH}, {@code FAILED} or {@code CANCELLED}
 * @param receivedAt when the request was taken in (ISO 8601, UTC)
 * @param finishedAt when the transfer ended (ISO 8601, UTC)
 * @param transactionTimes the instants that the payer's exports reflect, as it wrote them: one for
 *     each finished export of which it wrote one
 * @param exports all finished exports
 * @param warnings what is to be known about data that is not all there
 * @param files what was delivered, and which files were not
 * @param failure why the transfer did not complete, absent if it did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
  "transfer",
  "requestId",
  "repeatOf",
  "payer",
  "status",
  "receivedAt",
  "finishedAt",
  "transactionTimes",
  "exports",
  "warnings",
  "files",
  "failure"
})
public record OutcomeMessage(
    String transfer,
    String requestId,
    String repeatOf,
    String payer,
    String status,
    String receivedAt,
    String finishedAt,
    List<String> transactionTimes,
    List<Export> exports,
    List<String> warnings,
    List<DeliveredFile> files,
    Failure failure) {
  private static final String DELIVERED = "DELIVERED";

  /** Keeps copies. */
  public OutcomeMessage {
    transactionTimes = List.copyOf(transactionTimes);
    exports = List.copyOf(exports);
    warnings = List.copyOf(warnings);
    files = List.copyOf(files);
  }

  /**
   * An export of the payer's.
   *
   * @param transactionTime the instant that it reflects, as the payer wrote it, absent if it wrote
   *     none
   * @param since from when on it was asked for (ISO 8601, UTC), absent if all was
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Export(String transactionTime, String since) {}

  /**
   * A file of the transfer.
   *
   * @param name {@code Patient-3.ndjson}
   * @param type the type of its resources, absent if it holds none
   * @param kind {@code output}, {@code error} or {@code deleted}, as in the payer's manifest, or
   *     {@code attachment}
   * @param status {@code DELIVERED} if the outbox and all sinks have it, or {@code FAILED}
   * @param resources how many it holds, absent if it was not fetched
   * @param bytes its size, absent if it was not fetched
   * @param sha256 of its content, lower-case hexadecimal digits, absent if it was not fetched
   * @param reason why it was not delivered, absent if it was
   * @param contentType an attachment's, as the payer announces it
   * @param namedIn the line that names the attachment: {@code DocumentReference-3.ndjson/17}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DeliveredFile(
      String name,
      String type,
      String kind,
      String status,
      Long resources,
      Long bytes,
      String sha256,
      String reason,
      String contentType,
      String namedIn) {}

  /**
   * Why a transfer did not complete.
   *
   * @param step the step that failed, a {@link org.payerexchange.step.Stage}; absent if none did
   * @param reason a {@link org.payerexchange.step.FailureReason}
   * @param detail the same in words
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Failure(String step, String reason, String detail) {}

  static OutcomeMessage of(Outcome outcome) {
    TransferReport report = outcome.report();
    return new OutcomeMessage(
        report.transferId(),
        report.requestId(),
        report.repeatOf(),
        report.payer(),
        outcome.state().name(),
        text(report.receivedAt()),
        text(report.finishedAt()),
        report.transactionTimes(),
        report.exports().stream()
            .map(export -> new Export(export.transactionTime(), text(export.since())))
            .toList(),
        report.warnings(),
        report.files().stream().filter(OutcomeMessage::wasHad).map(OutcomeMessage::file).toList(),
        failure(report));
  }

  private static Failure failure(TransferReport report) {
    return report.reason() == null
        ? null
        : new Failure(text(report.failedAt()), report.reason().name(), report.detail());
  }

  /** An error file that the payer would not give stands among the warnings. */
  private static boolean wasHad(ReportedFile file) {
    return file.kind() != FileKind.ERROR || file.isStored();
  }

  private static DeliveredFile file(ReportedFile file) {
    return new DeliveredFile(
        file.name(),
        ofLines(file, file.resourceType()),
        file.kind().name().toLowerCase(Locale.ROOT),
        file.isStored() && file.reason() == null ? DELIVERED : FileState.FAILED.name(),
        ofLines(file, file.resources()),
        file.bytes(),
        file.sha256(),
        text(file.reason()),
        file.contentType(),
        file.namedIn());
  }

  private static <T> T ofLines(ReportedFile file, T value) {
    return file.kind() != FileKind.ATTACHMENT || file.holdsResources() ? value : null;
  }

  private static String text(Object value) {
    return value == null ? null : value.toString();
  }
}
