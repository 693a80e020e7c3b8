package org.payerexchange.intake;

import java.time.Clock;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.payerexchange.payer.Payers;

/** Decides which records may become transfers, and says of the others what is wrong with them. */
public final class IntakeValidator {
  private final Payers payers;
  private final String defaultPayer;
  private final Clock clock;

  /**
   * A validator.
   *
   * @param defaultPayer the payer of records for which nothing names one, or blank
   * @param clock for today's date, taken in UTC
   */
  public IntakeValidator(Payers payers, String defaultPayer, Clock clock) {
    this.payers = payers;
    this.defaultPayer = defaultPayer == null || defaultPayer.isBlank() ? null : defaultPayer;
    this.clock = clock;
  }

  /** Checks the records of one batch, in their order. */
  public List<CheckedRecord> check(
      @Body List<RawRecord> records, @Variable("intakeSource") IntakeSource source) {
    return records.stream().map(record -> check(record, source)).toList();
  }

  private CheckedRecord check(RawRecord raw, IntakeSource source) {
    return raw.unreadable()
        .map(problem -> new CheckedRecord(source, raw, null, List.of(problem)))
        .orElseGet(() -> new RecordCheck(raw, source, payers, defaultPayer, clock).result());
  }
}
