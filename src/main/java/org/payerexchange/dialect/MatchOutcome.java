package org.payerexchange.dialect;

import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * What the answer to a match says of the member.
 *
 * @param groupIds what to export: each id once, in the order of the answer
 * @param patient the payer's Patient, where that is what the answer names
 * @param noMatch why there is nothing to export, if the answer says so: NO_MATCH, AMBIGUOUS_MATCH
 *     or CONSENT_CONSTRAINED
 */
public record MatchOutcome(
    List<String> groupIds, Optional<MatchedPatient> patient, Optional<FailureReason> noMatch) {
  /** Keeps a copy. */
  public MatchOutcome {
    groupIds = List.copyOf(groupIds);
  }

  /** One that names Groups. */
  public static MatchOutcome ofGroups(List<String> groupIds) {
    return new MatchOutcome(groupIds, Optional.empty(), Optional.empty());
  }

  /** One that names a Patient. */
  public static MatchOutcome of(MatchedPatient patient) {
    return new MatchOutcome(List.of(), Optional.of(patient), Optional.empty());
  }

  /** One that says that there is nothing. */
  public static MatchOutcome none(FailureReason why) {
    return new MatchOutcome(List.of(), Optional.empty(), Optional.of(why));
  }
}
