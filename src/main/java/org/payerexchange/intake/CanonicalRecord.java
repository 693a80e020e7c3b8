package org.payerexchange.intake;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Set;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Repeat;

/**
 * A record that may become a transfer, in the one form that all forms are brought into. It holds
 * PHI.
 *
 * @param payer the configured payer to ask
 * @param requestId the sender's key, or null
 * @param consentStart the first day (UTC) of the consent
 * @param consentEnd its last day
 * @param consentPolicy how far it goes, as {@link IntakeEntry.Accepted} has it
 * @param enrolledOn since when the member is ours, or null; the payer is not told
 * @param ids as {@link MemberIds} has them
 * @param repeat whether and how often it is asked again; null: it is not
 * @param requestJson FHIR R4 Parameters with all resource types, parameters in a fixed order and
 *     keys sorted
 * @param sha256 over payer, {@code enrolledOn} and what the sender said, in hex: equal for equal
 *     records in any form
 */
public record CanonicalRecord(
    String payer,
    String requestId,
    LocalDate consentStart,
    LocalDate consentEnd,
    String consentPolicy,
    LocalDate enrolledOn,
    Set<String> ids,
    Repeat repeat,
    String requestJson,
    String sha256) {

  /**
   * Over the payer, our own fields that are there, and what the sender said, as such Parameters.
   */
  static String sha256(String payer, LocalDate enrolledOn, Repeat repeat, byte[] said) {
    // of a record without these fields the hash is what it was before there were any
    String ours =
        payer
            + "\n"
            + (enrolledOn == null ? "" : enrolledOn + "\n")
            + (repeat == null ? "" : "%s until %s\n".formatted(repeat.every(), repeat.until()));
    return FileHash.sha256(ours.getBytes(StandardCharsets.UTF_8), said);
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "CanonicalRecord[%s]".formatted(payer);
  }
}
