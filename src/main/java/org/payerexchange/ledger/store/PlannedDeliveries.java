package org.payerexchange.ledger.store;

import java.util.List;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.StorePlan;

/** The deliveries of a locked transfer, one of whose files is being stored. */
final class PlannedDeliveries {
  private final LedgerDatabase database;

  PlannedDeliveries(LedgerDatabase database) {
    this.database = database;
  }

  List<StorePlan.Delivery> known(LockedTransfer transfer) {
    return !transfer.delivers()
        ? List.of()
        : database
            .jdbc()
            .sql("SELECT * FROM delivery WHERE transfer_id = ?")
            .param(transfer.id())
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new StorePlan.Delivery(
                      row.big("id"),
                      row.text("sink"),
                      row.constant(DeliveryState.class, "state"),
                      row.flagOrNull("whole"),
                      row.big("place"),
                      row.big("position"));
                })
            .list();
  }

  /**
   * Whether no file of the transfer has a later turn than this. A new file that is still to come
   * has its number only then; else it gets its turn once it is stored.
   */
  boolean isLast(LockedTransfer transfer, long turn) {
    return !transfer.delivers()
        || !database.finds(
            "SELECT 1 FROM output_file WHERE transfer_id = ? AND turn > ? LIMIT 1",
            transfer.id(),
            turn);
  }

  void write(LockedTransfer transfer, StorePlan plan) {
    if (plan.added().isEmpty() && plan.reopened().isEmpty()) {
      return;
    }
    // claims look for deliveries by the gates of their sinks
    Gates.open(
        database, TokenClient.Kind.SINK, plan.added().stream().map(sink -> sink.name()).toList());
    database.insert(
        "delivery (transfer_id, payer, sink, whole, state, updated_at)",
        "(?, ?, ?, ?, 'PENDING', CURRENT_TIMESTAMP)",
        plan.added().stream()
            .map(sink -> new Object[] {transfer.id(), transfer.payer(), sink.name(), sink.whole()})
            .toList());
    database.batch(
        """
        UPDATE delivery SET state = ?, place = ?, position = ?, updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        plan.reopened().stream()
            .map(
                each ->
                    new Object[] {each.state().name(), each.place(), each.position(), each.id()})
            .toList());
    transfer.steps().dropDeliveries(plan.reopened().stream().map(StorePlan.Delivery::id).toList());
    transfer.steps().addDeliveries();
    transfer.openDeliveries(plan.newlyOpen());
  }
}
