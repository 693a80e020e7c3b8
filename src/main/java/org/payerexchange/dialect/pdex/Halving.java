package org.payerexchange.dialect.pdex;

import java.util.List;
import java.util.Set;

/**
 * What becomes of a match request that a payer refuses as a whole. Many payers refuse all members
 * for one that they cannot read, or for their number: each half is asked for anew, until the bad
 * member stands alone and is the only one to fail.
 */
final class Halving {
  /** Cannot be read, too large, cannot be processed. */
  private static final Set<Integer> OF_THE_WHOLE = Set.of(400, 413, 422);

  private Halving() {}

  /**
   * The requests that take the place of one that was refused.
   *
   * @param status the HTTP status of the answer
   * @param members whom the request asked for
   * @return two parts of nearly the same size, in order; none if the refusal stands, because it is
   *     of another kind or of one member alone
   */
  static <T> List<List<T>> after(int status, List<T> members) {
    if (!OF_THE_WHOLE.contains(status) || members.size() < 2) {
      return List.of();
    }
    int half = (members.size() + 1) / 2;
    return List.of(
        List.copyOf(members.subList(0, half)), List.copyOf(members.subList(half, members.size())));
  }
}
