package org.payerexchange.ledger;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * What an open transfer waits for: a step that failed, and is tried again.
 *
 * @param stage the step
 * @param kind {@code payer} or {@code sink}
 * @param name the payer's id, or what the ledger calls the sink
 * @param since when it failed first
 * @param reason of the last try
 * @param detail the same in words, without PHI
 * @param nextTry when it is due, or its lease ends
 */
public record Waiting(
    @JsonProperty("step") Stage stage,
    String kind,
    String name,
    Instant since,
    int attempts,
    FailureReason reason,
    String detail,
    Instant nextTry) {

  /** Of these transfers, what has failed for the longest time of each. */
  static Map<String, Waiting> of(LedgerDatabase database, Collection<String> transferIds) {
    Map<String, Waiting> waiting = new HashMap<>();
    if (transferIds.isEmpty()) {
      return waiting;
    }
    database
        .jdbc()
        .sql(
            """
            SELECT step.transfer_id, step.kind, step.lane, step.failing_since, step.attempts,
              step.due_at,
              COALESCE(delivery.reason, file.reason, job.reason, transfer.reason) AS reason,
              COALESCE(delivery.detail, file.detail, job.detail, transfer.detail) AS detail
            FROM step
            JOIN transfer ON transfer.id = step.transfer_id
              AND transfer.state IN ('RECEIVED', 'MATCHED')
            LEFT JOIN delivery ON step.kind = 'DELIVER' AND delivery.id = step.item
            LEFT JOIN output_file file ON step.kind = 'DOWNLOAD' AND file.id = step.item
            LEFT JOIN export_job job ON step.kind NOT IN ('DELIVER', 'DOWNLOAD', 'MEMBER_MATCH',
              'OUTCOME') AND job.id = step.item
            WHERE step.transfer_id IN (%s) AND step.failing_since IS NOT NULL
              AND step.kind <> 'RELEASE'
            ORDER BY step.failing_since"""
                .formatted(String.join(", ", Collections.nCopies(transferIds.size(), "?"))))
        .params(List.copyOf(transferIds))
        .query(
            results -> {
              Row row = new Row(results);
              waiting.putIfAbsent(row.text("transfer_id"), of(row));
            });
    return waiting;
  }

  private static Waiting of(Row row) throws SQLException {
    Stage stage = row.constant(Stage.class, "kind");
    return new Waiting(
        stage,
        (stage == Stage.DELIVER ? TokenClient.Kind.SINK : TokenClient.Kind.PAYER).key(),
        row.text("lane"),
        row.instant("failing_since"),
        row.number("attempts"),
        row.reason(),
        row.text("detail"),
        row.instant("due_at"));
  }
}
