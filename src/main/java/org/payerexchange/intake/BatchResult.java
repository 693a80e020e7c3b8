package org.payerexchange.intake;

import java.util.List;
import org.payerexchange.ledger.store.WithdrawalLedger.Withdrawn;

/**
 * What became of one batch.
 *
 * @param accepted the records that were taken, new or known, in their order
 * @param duplicates how many of them were known already
 * @param rejections the others
 */
public record BatchResult(List<Accepted> accepted, int duplicates, List<Rejection> rejections) {

  /** Without the originals of what was rejected, which are PHI and large. */
  BatchResult withoutOriginals() {
    return new BatchResult(
        accepted, duplicates, rejections.stream().map(Rejection::withoutOriginal).toList());
  }

  /**
   * A record that was taken.
   *
   * @param record its place, from 1
   * @param id of its transfer; null of a withdrawal
   * @param requestId its request id, or null
   * @param withdrawn what a withdrawal ended; null of others
   */
  public record Accepted(long record, String id, String requestId, Withdrawn withdrawn) {
    static Accepted withdrawal(CheckedRecord record, Withdrawn withdrawn) {
      return new Accepted(record.raw().number(), null, record.withdrawal().requestId(), withdrawn);
    }
  }
}
