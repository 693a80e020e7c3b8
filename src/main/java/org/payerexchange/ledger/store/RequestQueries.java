package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.Row;

/** The requests of a period, page by page, each page by itself: nothing is locked or held open. */
public final class RequestQueries {
  /** Most requests of a page. */
  public static final int PAGE = 1000;

  private final LedgerDatabase database;

  /** Reads this database. */
  public RequestQueries(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * The requests that come next, in the order in which they were received; of one that a filter
   * lets through none is left out and none comes twice, whatever happens meanwhile. Rejected
   * records never were requests.
   *
   * @param last the last of the page before; empty for the first page
   */
  public List<ReportedRequest> page(TransferFilter filter, Optional<ReportedRequest> last) {
    TransferFilter.Condition condition = filter.condition(database.embedded());
    last.ifPresent(place -> condition.behind(place.receivedAt(), place.id()));
    return database
        .jdbc()
        .sql(
            """
            SELECT transfer.*, EXISTS (SELECT 1 FROM transfer_request
                WHERE transfer_id = transfer.id) AS is_kept,
              (SELECT first_day FROM transfer_consent
                WHERE transfer_id = transfer.id) AS consent_start,
              (SELECT COALESCE(transfer.asked_at, (SELECT asked_at FROM transfer earlier
                  WHERE earlier.id = transfer.repeat_of), started_at) FROM recurrence
                WHERE id = transfer.recurrence_id AND last_transfer = transfer.id
                  AND state = 'ACTIVE') AS repeats_since
            FROM transfer %s AND state <> 'REJECTED' ORDER BY received_at, id LIMIT ?"""
                .formatted(condition.where()))
        .params(condition.values())
        .params(PAGE)
        .query((row, at) -> ReportedRequest.of(new Row(row)))
        .list();
  }
}
