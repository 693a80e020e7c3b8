package org.payerexchange.ledger.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.Row;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * What an open transfer waits for: a step whose payer or sink is paused, or whose payer is not
 * called at this hour, or one that failed and is tried again.
 *
 * @param stage the step
 * @param kind {@code payer} or {@code sink}
 * @param name the payer's id, what the ledger calls the sink, or where a step failed at our own:
 *     {@code outbox}, or {@code outcome-queue}
 * @param since when it failed first, or was paused
 * @param reason of the last try, {@link FailureReason#PAUSED} or {@link
 *     FailureReason#OUTSIDE_HOURS}; null of a release, of which nothing is written down
 * @param detail the same in words, without PHI
 * @param nextTry when it is due, or its lease ends; null where it is paused
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
  /** What the sink is called that every file ends in first, and that is our own. */
  public static final String OUTBOX = "outbox";

  /** What the queue is called that is told how transfers ended. */
  public static final String OUTCOME_QUEUE = "outcome-queue";

  /**
   * In SQL, the sink at which a {@code step} waits, or has failed; NULL where that is its payer.
   */
  static final String SINK =
      """
      CASE WHEN step.kind = 'DELIVER' THEN step.lane
        WHEN step.failing_since IS NULL OR step.kind IN ('MEMBER_MATCH', 'RELEASE') THEN NULL
        WHEN step.kind = 'OUTCOME' THEN (SELECT CASE WHEN ended.manifest_at IS NULL THEN '%1$s'
          ELSE '%2$s' END FROM transfer ended WHERE ended.id = step.transfer_id)
        WHEN step.kind = 'DOWNLOAD' THEN (SELECT '%1$s' FROM output_file own
          WHERE own.id = step.item AND own.reason = 'SINK_UNAVAILABLE')
        ELSE (SELECT '%1$s' FROM export_job own
          WHERE own.id = step.item AND own.reason = 'SINK_UNAVAILABLE') END"""
          .formatted(OUTBOX, OUTCOME_QUEUE);

  /** The kinds of steps that a pause keeps waiting, as SQL has them. */
  private static final Map<TokenClient.Kind, String> PAUSABLE =
      Map.of(
          TokenClient.Kind.PAYER,
          Arrays.stream(Stage.values())
              .filter(stage -> stage.callsPayer() && stage != Stage.RELEASE)
              .map("'%s'"::formatted)
              .collect(Collectors.joining(", ")),
          TokenClient.Kind.SINK,
          "'DELIVER'");

  /** Whether a sink is our own, and none that is configured. */
  public static boolean isOurOwn(String sink) {
    return OUTBOX.equals(sink) || OUTCOME_QUEUE.equals(sink);
  }

  /** Of these transfers, what is paused, or else has failed for the longest time of each. */
  static Map<String, Waiting> of(LedgerDatabase database, Collection<String> transferIds) {
    Map<String, Waiting> waiting = new HashMap<>();
    if (transferIds.isEmpty()) {
      return waiting;
    }
    String among = LedgerDatabase.values(transferIds.size());
    List<String> ids = List.copyOf(transferIds);
    for (TokenClient.Kind kind : TokenClient.Kind.values()) {
      database
          .jdbc()
          .sql(
              """
              SELECT step.transfer_id, step.kind, step.lane, step.attempts, gate.paused_since,
                gate.paused_by, gate.closed_from, gate.closed_until
              FROM step JOIN %s gate ON gate.%s = step.lane AND (%s OR %s)
              WHERE step.transfer_id IN (%s) AND step.kind IN (%s)
                AND COALESCE(step.lease_until, CURRENT_TIMESTAMP) <= CURRENT_TIMESTAMP
              ORDER BY step.id"""
                  .formatted(
                      Gates.table(kind),
                      kind.key(),
                      Pauses.PAUSED,
                      CallGates.CLOSED,
                      among,
                      PAUSABLE.get(kind)))
          .params(ids)
          .query(
              results -> {
                Row row = new Row(results);
                waiting.putIfAbsent(row.text("transfer_id"), paused(kind, row));
              });
    }
    failing(
        database,
        """
        step.transfer_id IN (%s) AND step.kind <> 'RELEASE'
          AND transfer.state IN ('RECEIVED', 'MATCHED')"""
            .formatted(among),
        ids,
        (transfer, failing) -> waiting.putIfAbsent(transfer, failing));
    return waiting;
  }

  /** Of these steps, those that have failed and are tried again. */
  static List<Waiting> ofSteps(LedgerDatabase database, List<Long> steps) {
    List<Waiting> waiting = new ArrayList<>();
    if (!steps.isEmpty()) {
      failing(
          database,
          "step.id IN (%s)".formatted(LedgerDatabase.values(steps.size())),
          steps,
          (transfer, failing) -> waiting.add(failing));
    }
    return waiting;
  }

  private record Failing(String transfer, Waiting waiting) {}

  /** Passes on each with its transfer, the one that has failed for the longest time first. */
  private static void failing(
      LedgerDatabase database, String which, List<?> values, BiConsumer<String, Waiting> each) {
    List<Failing> all = new ArrayList<>();
    database
        .jdbc()
        .sql(
            """
            SELECT step.transfer_id, step.kind, step.lane, step.failing_since, step.attempts,
              step.due_at, %s AS held, %s AS sink,
              COALESCE(delivery.reason, file.reason, job.reason, asked.reason) AS reason,
              COALESCE(delivery.detail, file.detail, job.detail, asked.detail) AS detail,
              CASE WHEN step.kind = 'OUTCOME' THEN (SELECT line.detail FROM transfer_event line
                WHERE line.transfer_id = step.transfer_id AND line.what = 'RETRY_LATER'
                ORDER BY line.number DESC LIMIT 1) END AS line
            FROM step
            JOIN transfer ON transfer.id = step.transfer_id
            LEFT JOIN transfer asked ON step.kind = 'MEMBER_MATCH' AND asked.id = step.transfer_id
            LEFT JOIN delivery ON step.kind = 'DELIVER' AND delivery.id = step.item
            LEFT JOIN output_file file ON step.kind = 'DOWNLOAD' AND file.id = step.item
            LEFT JOIN export_job job ON step.kind NOT IN ('DELIVER', 'DOWNLOAD', 'MEMBER_MATCH',
              'OUTCOME', 'RELEASE') AND job.id = step.item
            WHERE %s AND step.failing_since IS NOT NULL"""
                .formatted(GateClock.heldOf("step"), SINK, which))
        .params(values)
        .query(
            results -> {
              Row row = new Row(results);
              all.add(new Failing(row.text("transfer_id"), of(row)));
            });
    all.stream()
        .sorted(Comparator.comparing(failing -> failing.waiting().since()))
        .forEach(failing -> each.accept(failing.transfer(), failing.waiting()));
  }

  /** Whether it is a payer or a sink. */
  TokenClient.Kind side() {
    return TokenClient.Kind.SINK.key().equals(kind)
        ? TokenClient.Kind.SINK
        : TokenClient.Kind.PAYER;
  }

  private static Waiting paused(TokenClient.Kind kind, Row row) throws SQLException {
    boolean paused = row.instant("paused_since") != null;
    return new Waiting(
        row.constant(Stage.class, "kind"),
        kind.key(),
        row.text("lane"),
        row.instant(paused ? "paused_since" : "closed_from"),
        row.number("attempts"),
        paused ? FailureReason.PAUSED : FailureReason.OUTSIDE_HOURS,
        paused ? Pauses.by(row.text("paused_by")) : CallGates.OUTSIDE,
        paused ? null : row.instant("closed_until"));
  }

  private static Waiting of(Row row) throws SQLException {
    String sink = row.text("sink");
    String line = row.text("line");
    Failure why = line == null ? Failure.of(row) : Failure.ofTrail(line);
    return new Waiting(
        row.constant(Stage.class, "kind"),
        (sink == null ? TokenClient.Kind.PAYER : TokenClient.Kind.SINK).key(),
        sink == null ? row.text("lane") : sink,
        row.ofGate("failing_since"),
        row.number("attempts"),
        why.reason(),
        why.detail(),
        row.instant("due_at"));
  }
}
