package org.payerexchange.ledger;

import java.util.Collection;
import java.util.Optional;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * How many Patients the export of one member may hold, in all its files together: by it a payer
 * that exports everybody is found out, and the export fails.
 *
 * @param most {@value #KEY}
 */
public record PatientBound(int most) {
  /** Where it is configured. */
  public static final String KEY = "p2p.download.max-patients";

  private static final String PATIENT = "Patient";

  /** Whether the resources of a file count. */
  public static boolean counts(FileKind kind, String resourceType) {
    return kind == FileKind.OUTPUT && resourceType.equals(PATIENT);
  }

  /** How many Patients a manifest announces at least. */
  public static long announced(Collection<NewFile> files) {
    return files.stream()
        .filter(file -> counts(file.kind(), file.resourceType()))
        .map(NewFile::expectedCount)
        .mapToLong(count -> count == null ? 0 : count)
        .sum();
  }

  /**
   * Looks at one file.
   *
   * @param resources how many it holds
   * @throws TransferException {@link FailureReason#TOO_LARGE}, naming the key
   */
  public void check(String resourceType, long resources) {
    if (counts(FileKind.OUTPUT, resourceType)) {
      exceededBy(resources)
          .ifPresent(
              failure -> {
                throw new TransferException(failure.reason(), failure.detail());
              });
    }
  }

  /**
   * Looks at an export.
   *
   * @param patients how many of it are known by now
   * @return {@link FailureReason#TOO_LARGE}, naming the key; empty if they are not too many
   */
  public Optional<Failure> exceededBy(long patients) {
    return patients <= most
        ? Optional.empty()
        : Optional.of(
            new Failure(
                FailureReason.TOO_LARGE,
                "the export has at least %s Patients, more than %s (%s): other people's, too?"
                    .formatted(patients, most, KEY)));
  }
}
