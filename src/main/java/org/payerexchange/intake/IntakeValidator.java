package org.payerexchange.intake;

import ca.uhn.fhir.context.FhirContext;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.payer.Payers;

/** Decides which records may become transfers, and says of the others what is wrong with them. */
public final class IntakeValidator {
  private final Payers payers;
  private final String defaultPayer;
  private final Map<String, IdentifierSystems> systems;
  private final Clock clock;
  private final FhirContext fhir = FhirContext.forR4Cached();

  /**
   * A validator.
   *
   * @param defaultPayer the payer of records for which nothing names one, or blank
   * @param systems by payer, for those that have some
   * @param clock for today's date, taken in UTC
   */
  public IntakeValidator(
      Payers payers, String defaultPayer, Map<String, IdentifierSystems> systems, Clock clock) {
    this.payers = payers;
    this.systems = Map.copyOf(systems);
    this.defaultPayer = defaultPayer == null || defaultPayer.isBlank() ? null : defaultPayer;
    this.clock = clock;
  }

  /** Checks the records of one batch, in their order. */
  public List<CheckedRecord> check(List<RawRecord> records, IntakeSource source) {
    boolean several = records.size() > 1 || records.stream().anyMatch(each -> each.number() > 1);
    return source.requestId() != null && several
        ? records.stream().map(record -> oneIdForSeveral(record, source)).toList()
        : records.stream().map(record -> check(record, source)).toList();
  }

  private static CheckedRecord oneIdForSeveral(RawRecord raw, IntakeSource source) {
    return CheckedRecord.rejected(
        source,
        raw,
        List.of(
            new IntakeProblem(
                Reason.INVALID,
                IntakeField.REQUEST_ID.in(raw.form()),
                "came beside several records, which cannot share it: give each its own")));
  }

  private CheckedRecord check(RawRecord raw, IntakeSource source) {
    if (raw.unreadable().isPresent()) {
      return CheckedRecord.rejected(source, raw, List.of(raw.problem()));
    }
    try {
      return new RecordCheck(raw, source, payers, defaultPayer, systems, fhir, clock).result();
    } catch (RuntimeException e) {
      // Its text may quote the record. The others of the batch go on.
      return CheckedRecord.rejected(
          source,
          raw,
          List.of(IntakeProblem.unreadable("cannot be checked: " + e.getClass().getSimpleName())));
    }
  }
}
