package org.payerexchange.ledger.store;

import java.util.List;

/**
 * A page of transfers, the latest first.
 *
 * @param total transfers that the filter lets through
 */
public record TransferPage(List<TransferSummary> transfers, int page, long total) {

  /** So many are on a page where nobody says otherwise. */
  public static final int SIZE = 50;

  /** No more are on a page. */
  public static final int MOST = 1000;

  private static final int LAST = 1_000_000;

  /**
   * Checks what is asked for, of transfers or of recurring requests.
   *
   * @throws IllegalArgumentException if page or size is out of bounds
   */
  public static void check(int page, int size) {
    if (page < 0 || page > LAST || size < 1 || size > MOST) {
      throw new IllegalArgumentException(
          "page must be 0 to %s, size 1 to %s".formatted(LAST, MOST));
    }
  }

  /** Copies the list. */
  public TransferPage {
    transfers = List.copyOf(transfers);
  }
}
