package org.payerexchange.delivery;

import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * How a transfer ended, by the ledger and by what lies in the outbox.
 *
 * @param missing the numbers of files that were stored there and are not there as they were
 * @param isTold whether its manifest stands
 */
public record Outcome(TransferReport report, Set<Integer> missing, boolean isTold) {

  /** Copies the set. */
  public Outcome {
    missing = Set.copyOf(missing);
  }

  /** Whether it would be COMPLETE, but for files that are to be fetched again. */
  public boolean isPremature() {
    return report.state() == TransferState.MATCHED && !missing.isEmpty();
  }

  /** Whether the report names what is missing, and nothing else, as FILE_GONE. */
  boolean isNoted() {
    return report.files().stream()
        .filter(ReportedFile::isStored)
        .allMatch(
            file -> missing.contains(file.number()) == (file.reason() == FailureReason.FILE_GONE));
  }

  /** What it is once its manifest stands. */
  TransferState state() {
    return report.state() == TransferState.MATCHED ? TransferState.COMPLETE : report.state();
  }

  /** The names of the files that are in the outbox. */
  Set<String> names() {
    return report.files().stream()
        .filter(file -> file.isStored() && !missing.contains(file.number()))
        .map(ReportedFile::name)
        .collect(Collectors.toUnmodifiableSet());
  }
}
