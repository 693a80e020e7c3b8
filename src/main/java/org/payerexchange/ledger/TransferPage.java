package org.payerexchange.ledger;

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

  /** Copies the list. */
  public TransferPage {
    transfers = List.copyOf(transfers);
  }
}
