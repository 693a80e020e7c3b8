package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Removes what nobody needs any more. A request (PHI) is needed for the member match alone: that of
 * a transfer that is COMPLETE or CANCELLED goes once its outcome was sent; that of one that is
 * FAILED or NO_MATCH stays as long as it may be retried. In the end the whole transfer goes, its
 * audit trail too. Several nodes may do this at the same time.
 */
public final class Retention {
  private static final int BATCH = 500;

  private static final String OVER =
      """
      NOT %s AND (transfer.state IN ('COMPLETE', 'CANCELLED')
        OR transfer.is_batch AND transfer.state = 'FAILED' OR transfer.withdrawn_at IS NOT NULL
        OR transfer.state IN ('FAILED', 'NO_MATCH') AND transfer.finished_at < %%1$s)"""
          .formatted(Steps.isOpen());

  private static final String AGO =
      "CURRENT_TIMESTAMP - CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND";

  /** While an export that members share is not over, it is split by all of them. */
  private static final String SHARES =
      """
      SELECT 1 FROM export_job part JOIN export_job shared ON shared.id = part.shared_job
      WHERE part.transfer_id = transfer.id
        AND shared.state IN ('REQUESTED', 'RUNNING', 'READY', 'SPLITTING')""";

  private final LedgerDatabase database;
  private final String node;
  private final Duration retryable;
  private final Duration kept;

  /**
   * Removes by age.
   *
   * @param node the actor of what is removed
   * @param retryable how long a FAILED or NO_MATCH transfer may be retried
   * @param kept how long a transfer stays after its end
   * @param duplicateWindow how long it stays at least, so that its record is known again
   */
  public Retention(
      LedgerDatabase database,
      String node,
      Duration retryable,
      Duration kept,
      Duration duplicateWindow) {
    this.database = database;
    this.node = node;
    this.retryable = retryable;
    this.kept = kept.compareTo(duplicateWindow) < 0 ? duplicateWindow : kept;
  }

  /** Removes the requests that are not needed any more; the audit trail says so. */
  public long removeRequests() {
    return inBatches(
        """
        SELECT transfer.id FROM transfer_request request
        JOIN transfer ON transfer.id = request.transfer_id
        WHERE %s AND NOT EXISTS (%s) ORDER BY transfer.id LIMIT %s %s"""
            .formatted(OVER.formatted(AGO), SHARES, BATCH, skipLocked()),
        List.of(LedgerDatabase.seconds(retryable)),
        ids -> {
          named(
              """
              INSERT INTO transfer_event (transfer_id, number, at, actor, what)
              SELECT id, events + 1, CURRENT_TIMESTAMP, :node, 'REQUEST_REMOVED' FROM transfer
              WHERE id IN (:ids)""",
              ids);
          named("UPDATE transfer SET events = events + 1 WHERE id IN (:ids)", ids);
          named("UPDATE export_job SET checkpoint = NULL WHERE transfer_id IN (:ids)", ids);
          named("DELETE FROM transfer_request WHERE transfer_id IN (:ids)", ids);
        });
  }

  /** Removes the transfers that ended long ago, with all that belongs to them. */
  public long removeTransfers() {
    double age = LedgerDatabase.seconds(kept);
    return inBatches(
        """
        SELECT transfer.id FROM transfer
        WHERE transfer.received_at < %s AND transfer.finished_at < %s
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id)
        ORDER BY transfer.received_at LIMIT %s %s"""
            .formatted(AGO, AGO, BATCH, skipLocked()),
        List.of(age, age),
        ids -> named("DELETE FROM transfer WHERE id IN (:ids)", ids));
  }

  /** Removes recurring requests that ended long ago. */
  public long removeRecurrences() {
    return inBatches(
        "SELECT id FROM recurrence WHERE next_at IS NULL AND ended_at < %s LIMIT %s"
            .formatted(AGO, BATCH),
        List.of(LedgerDatabase.seconds(kept)),
        ids -> named("DELETE FROM recurrence WHERE id IN (:ids)", ids));
  }

  /**
   * Which of these transfers are over for good: no retry needs what is left of them on the disk.
   * What the ledger does not know any more is over.
   */
  public Set<String> over(Collection<String> transferIds) {
    Set<String> over = new TreeSet<>(transferIds);
    List<String> ids = List.copyOf(over);
    for (int from = 0; from < ids.size(); from += BATCH) {
      database
          .jdbc()
          .sql(
              "SELECT id FROM transfer WHERE id IN (:ids) AND NOT (%s)"
                  .formatted(OVER.formatted(AGO.replace("?", ":age"))))
          .param("ids", ids.subList(from, Math.min(from + BATCH, ids.size())))
          .param("age", LedgerDatabase.seconds(retryable))
          .query(String.class)
          .list()
          .forEach(over::remove);
    }
    return over;
  }

  private long inBatches(String select, List<Object> values, Removal removal) {
    long removed = 0;
    int batch;
    do {
      batch =
          database.change(
              () -> {
                List<String> ids =
                    database.jdbc().sql(select).params(values).query(String.class).list();
                if (!ids.isEmpty()) {
                  removal.remove(ids);
                }
                return ids.size();
              });
      removed += batch;
    } while (batch == BATCH);
    return removed;
  }

  private void named(String sql, List<String> ids) {
    var statement = database.jdbc().sql(sql).param("ids", ids);
    (sql.contains(":node") ? statement.param("node", node) : statement).update();
  }

  private String skipLocked() {
    return database.embedded() ? "" : "FOR UPDATE OF transfer SKIP LOCKED";
  }

  private interface Removal {
    void remove(List<String> ids);
  }
}
