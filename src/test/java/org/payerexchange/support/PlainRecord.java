package org.payerexchange.support;

import java.time.LocalDate;
import java.util.Set;
import org.payerexchange.ledger.IntakeEntry;

/** Records of the intake of which a test says no more than it needs. */
public final class PlainRecord {
  private PlainRecord() {}

  /** One that is asked once and that no withdrawal finds; its sender says no more. */
  public static IntakeEntry.Accepted of(
      String source,
      int recordNumber,
      String requestId,
      String payer,
      String requestSha256,
      String requestJson,
      LocalDate consentEnd) {
    return of(source, recordNumber, requestId, payer, requestSha256, requestJson, consentEnd, null);
  }

  /** One whose sender says how far the consent goes, too. */
  public static IntakeEntry.Accepted of(
      String source,
      int recordNumber,
      String requestId,
      String payer,
      String requestSha256,
      String requestJson,
      LocalDate consentEnd,
      String consentPolicy) {
    return new IntakeEntry.Accepted(
        source,
        recordNumber,
        requestId,
        payer,
        requestSha256,
        requestJson,
        null,
        consentEnd,
        consentPolicy,
        null,
        Set.of(),
        null);
  }
}
