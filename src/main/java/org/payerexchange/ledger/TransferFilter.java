package org.payerexchange.ledger;

import java.util.Set;

/**
 * Which transfers to show.
 *
 * @param states any of these; empty for all
 * @param payer only this one's, or null
 * @param source only those whose source ends with this, such as a file's name, or null
 * @param batch only the members of this one, or null
 * @param page from 0
 * @param size transfers a page, 1 to 1000
 */
public record TransferFilter(
    Set<TransferState> states, String payer, String source, String batch, int page, int size) {

  /** So many are on a page where nobody says otherwise. */
  public static final int PAGE = 50;

  /**
   * Of any batch, and of none.
   *
   * @throws IllegalArgumentException if page or size is out of bounds
   */
  public TransferFilter(
      Set<TransferState> states, String payer, String source, int page, int size) {
    this(states, payer, source, null, page, size);
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if page or size is out of bounds
   */
  public TransferFilter {
    states = Set.copyOf(states);
    if (page < 0 || page > 1_000_000 || size < 1 || size > 1000) {
      throw new IllegalArgumentException("page must be 0 to 1000000, size 1 to 1000");
    }
  }
}
