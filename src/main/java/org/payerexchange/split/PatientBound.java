package org.payerexchange.split;

import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * How many Patients a file of one member's data may hold: by it a payer that exports everybody is
 * found out, and the transfer fails.
 *
 * @param most {@value #KEY}
 */
public record PatientBound(int most) {
  /** Where it is configured. */
  public static final String KEY = "p2p.download.max-patients";

  private static final String PATIENT = "Patient";

  /**
   * Looks at one file.
   *
   * @param resources how many it holds
   * @throws TransferException {@link FailureReason#TOO_LARGE}, naming the key
   */
  public void check(String resourceType, long resources) {
    if (resourceType.equals(PATIENT) && resources > most) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the file has %s Patients, more than %s (%s): other people's, too?"
              .formatted(resources, most, KEY));
    }
  }
}
