package org.payerexchange.dialect;

import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * What the answer to a match says of the member.
 *
 * @param groupIds what to export: each id once, in the order of the answer
 * @param noMatch why there is nothing to export, if the answer says so: NO_MATCH, AMBIGUOUS_MATCH
 *     or CONSENT_CONSTRAINED
 */
public record MatchOutcome(List<String> groupIds, Optional<FailureReason> noMatch) {
  /** Keeps a copy. */
  public MatchOutcome {
    groupIds = List.copyOf(groupIds);
  }
}
