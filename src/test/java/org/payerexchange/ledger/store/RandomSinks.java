package org.payerexchange.ledger.store;

import static java.util.stream.Collectors.toCollection;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.StoredFile;

/**
 * Sinks that are brought files as a node does it: those of a claim are listed once, and anything
 * may happen before the next of them is sent, or known to be taken.
 */
final class RandomSinks {
  private final Node worker;
  private final LedgerDatabase database;
  private final Map<DeliveryClaim, Deque<StoredFile>> listed = new HashMap<>();
  private final Map<DeliveryClaim, StoredFile> sent = new HashMap<>();

  /** The newest content of each file of each delivery. */
  private final Map<String, String> had = new HashMap<>();

  RandomSinks(Node worker, LedgerDatabase database) {
    this.worker = worker;
    this.database = database;
  }

  /** Goes one step further; false if the claim is over with it. */
  boolean goOn(DeliveryClaim claim) {
    Deque<StoredFile> files = listed.get(claim);
    if (files == null) {
      listed.put(
          claim,
          worker.deliveries.files(claim, 100).stream().collect(toCollection(ArrayDeque::new)));
      return true;
    }
    StoredFile taken = sent.remove(claim);
    if (taken != null) {
      return worker.deliveries.taken(claim, taken);
    }
    if (files.isEmpty()) {
      worker.deliveries.end(claim, claim.whole() ? List.of() : null);
      return false;
    }
    return send(claim, files.remove());
  }

  private boolean send(DeliveryClaim claim, StoredFile file) {
    if (!database.finds(
        "SELECT 1 FROM output_file WHERE transfer_id = ? AND number = ? AND state = 'STORED' AND sha256 = ?",
        claim.transferId(),
        file.number(),
        file.sha256())) {
      worker.deliveries.fetchAgain(claim, List.of(file.number()));
      return false;
    }
    had.put(key(claim.id(), file.number()), file.sha256());
    sent.put(claim, file);
    return true;
  }

  /** Files of complete transfers that a sink has not had as they are. */
  List<String> lacking() {
    return database
        .jdbc()
        .sql(
            """
            SELECT delivery.id, file.number, file.sha256
            FROM transfer JOIN delivery ON delivery.transfer_id = transfer.id
            JOIN output_file file ON file.transfer_id = transfer.id
            WHERE transfer.state = 'COMPLETE' AND file.state = 'STORED'
              AND CASE WHEN whole THEN file.whole_turn ELSE file.turn END IS NOT NULL""")
        .query(
            (row, at) ->
                row.getString("sha256")
                        .equals(had.get(key(row.getLong("id"), row.getInt("number"))))
                    ? ""
                    : "delivery %s lacks file %s"
                        .formatted(row.getLong("id"), row.getInt("number")))
        .list()
        .stream()
        .filter(lacks -> !lacks.isEmpty())
        .toList();
  }

  private static String key(long delivery, int file) {
    return delivery + "/" + file;
  }
}
