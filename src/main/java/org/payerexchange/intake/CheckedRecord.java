package org.payerexchange.intake;

import java.util.List;

/**
 * A record with what was found wrong with it. It holds PHI.
 *
 * @param source where it comes from
 * @param raw as it was found
 * @param record what it is registered as, or null if there are problems
 * @param withdrawal what it takes back, or null if it asks for something or there are problems
 * @param problems why it is rejected; empty if it is not
 */
public record CheckedRecord(
    IntakeSource source,
    RawRecord raw,
    CanonicalRecord record,
    Withdrawal withdrawal,
    List<IntakeProblem> problems) {

  static CheckedRecord rejected(IntakeSource source, RawRecord raw, List<IntakeProblem> problems) {
    return new CheckedRecord(source, raw, null, null, problems);
  }

  /** Whether it may be registered as a transfer. */
  public boolean accepted() {
    return problems.isEmpty() && withdrawal == null;
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "CheckedRecord[%s, %s, %s problems]".formatted(source.name(), raw, problems.size());
  }
}
