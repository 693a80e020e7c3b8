package org.payerexchange.intake;

import java.util.Set;

/**
 * A record by which a member withdraws the consent. It holds PHI.
 *
 * @param payer of whom nothing is to be asked any more
 * @param requestId of a request that was made for the member, or null
 * @param ids of the member, its coverage or its consent, as {@link MemberIds} has them
 */
public record Withdrawal(String payer, String requestId, Set<String> ids) {

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "Withdrawal[%s]".formatted(payer);
  }
}
