package org.payerexchange.intake;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.payerexchange.files.FileHash;

/**
 * A record that may become a transfer, in the one form that all forms are brought into. It holds
 * PHI.
 *
 * @param payer the configured payer to ask
 * @param requestId the sender's key, or null
 * @param consentEnd the last day (UTC) of the consent
 * @param requestJson FHIR R4 Parameters with all resource types, parameters in a fixed order and
 *     keys sorted
 * @param sha256 over payer and what the sender said, in hex: equal for equal records in any form
 */
public record CanonicalRecord(
    String payer, String requestId, LocalDate consentEnd, String requestJson, String sha256) {

  /**
   * A record.
   *
   * @param said what the sender said, as such Parameters
   */
  static CanonicalRecord of(
      String payer, String requestId, LocalDate consentEnd, String requestJson, byte[] said) {
    return new CanonicalRecord(
        payer,
        requestId,
        consentEnd,
        requestJson,
        FileHash.sha256((payer + "\n").getBytes(StandardCharsets.UTF_8), said));
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "CanonicalRecord[%s]".formatted(payer);
  }
}
