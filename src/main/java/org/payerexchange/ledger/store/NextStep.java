package org.payerexchange.ledger.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.Row;
import org.payerexchange.step.Stage;

/**
 * What is done with a transfer now, or next: the steps of the kind that is due first.
 *
 * @param open how many of the kind there are, such as files to download
 * @param running how many of these a node has in hand
 * @param attempts how often the one of them that failed most has failed
 * @param dueAt when the first of them is due; null where nobody has to wait, or once something else
 *     has happened
 */
public record NextStep(
    @JsonProperty("step") Stage stage, long open, long running, int attempts, Instant dueAt) {

  /** Of these transfers; those with no steps are absent. */
  static Map<String, NextStep> of(LedgerDatabase database, Collection<String> transferIds) {
    Map<String, NextStep> next = new HashMap<>();
    if (!transferIds.isEmpty()) {
      database
          .jdbc()
          .sql(
              """
              SELECT transfer_id, kind, COUNT(*) AS open, MAX(attempts) AS attempts,
                COUNT(CASE WHEN lease_until > CURRENT_TIMESTAMP THEN 1 END) AS running,
                MIN(due_at) AS due_at
              FROM step WHERE transfer_id IN (%s) GROUP BY transfer_id, kind
              ORDER BY due_at NULLS LAST, kind"""
                  .formatted(LedgerDatabase.values(transferIds.size())))
          .params(List.copyOf(transferIds))
          .query(
              results -> {
                Row row = new Row(results);
                long running = row.big("running");
                next.putIfAbsent(
                    row.text("transfer_id"),
                    new NextStep(
                        row.constant(Stage.class, "kind"),
                        row.big("open"),
                        running,
                        row.number("attempts"),
                        running > 0 ? null : row.instant("due_at")));
              });
    }
    return next;
  }
}
