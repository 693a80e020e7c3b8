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
 * @param enrolledOn since when the member is ours, or null; the payer is not told
 * @param requestJson FHIR R4 Parameters with all resource types, parameters in a fixed order and
 *     keys sorted
 * @param sha256 over payer, {@code enrolledOn} and what the sender said, in hex: equal for equal
 *     records in any form
 */
public record CanonicalRecord(
    String payer,
    String requestId,
    LocalDate consentEnd,
    LocalDate enrolledOn,
    String requestJson,
    String sha256) {

  /**
   * A record.
   *
   * @param said what the sender said, as such Parameters
   */
  static CanonicalRecord of(
      String payer,
      String requestId,
      LocalDate consentEnd,
      LocalDate enrolledOn,
      String requestJson,
      byte[] said) {
    // of a record without it the hash is what it was before there was such a field
    String ours = payer + "\n" + (enrolledOn == null ? "" : enrolledOn + "\n");
    return new CanonicalRecord(
        payer,
        requestId,
        consentEnd,
        enrolledOn,
        requestJson,
        FileHash.sha256(ours.getBytes(StandardCharsets.UTF_8), said));
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "CanonicalRecord[%s]".formatted(payer);
  }
}
