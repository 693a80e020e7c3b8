package org.payerexchange.ledger;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * A batch of members that a payer is asked for at once, in one line, without PHI.
 *
 * @param members how many have joined it
 * @param outcomes how many of them are how far; those that are asked for in another batch by now
 *     are counted there
 * @param dueAt when its next step is due or its lease ends, or null where nothing is to be done
 */
public record BatchSummary(
    String id,
    String payer,
    BatchPhase phase,
    int members,
    Map<MemberOutcome, Long> outcomes,
    Instant openedAt,
    Instant dueAt) {

  /** Copies the counts. */
  public BatchSummary {
    Map<MemberOutcome, Long> copy = new EnumMap<>(MemberOutcome.class);
    copy.putAll(outcomes);
    outcomes = Collections.unmodifiableMap(copy);
  }

  /** The same with its members counted. */
  public BatchSummary with(Map<MemberOutcome, Long> counts) {
    return new BatchSummary(id, payer, phase, members, counts, openedAt, dueAt);
  }
}
