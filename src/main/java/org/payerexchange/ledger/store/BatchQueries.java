package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.BatchSummary;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.MemberOutcome;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferState;

/** Batches of members as operators see them: no PHI. */
public final class BatchQueries {
  private static final String HAS_STEPS =
      "EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id)";

  private static final String IS_OPEN =
      "(transfer.state IN ('RECEIVED', 'MATCHED') OR %s)".formatted(HAS_STEPS);

  /** The {@link MemberOutcome} of a row called {@code member}. */
  private static final String OUTCOME =
      """
      CASE WHEN member.reason IN ('AMBIGUOUS_MATCH', 'CONSENT_CONSTRAINED')
        THEN member.reason ELSE member.state END""";

  private static final String COLUMNS =
      """
      batch.id, batch.payer, batch.state, batch.received_at, batch.gathers, batch.members,
      batch.match_state, batch.exports, batch.has_steps, batch.due_at, batch.total""";

  /** A row for each batch and outcome of a member of it; one without where there is none. */
  private static final String BATCHES =
      """
      SELECT %1$s, %2$s AS outcome, COUNT(member.id) AS so_many
      FROM (SELECT transfer.id, transfer.payer, transfer.state, transfer.received_at, gathers, members,
          (SELECT job.state FROM export_job job
            WHERE job.transfer_id = transfer.id AND job.kind = 'MATCH') AS match_state,
          EXISTS (SELECT 1 FROM export_job job WHERE job.transfer_id = transfer.id
            AND job.kind = 'SHARED' AND job.state IN ('REQUESTED', 'RUNNING', 'READY')) AS exports,
          %3$s AS has_steps,
          (SELECT MIN(due_at) FROM step WHERE step.transfer_id = transfer.id) AS due_at,
          COUNT(*) OVER () AS total
        FROM member_batch JOIN transfer ON transfer.id = member_batch.id
        WHERE %%s ORDER BY transfer.received_at, transfer.id LIMIT ?) batch
      LEFT JOIN transfer member ON member.batch_id = batch.id
      GROUP BY %1$s, %2$s ORDER BY batch.received_at, batch.id"""
          .formatted(COLUMNS, OUTCOME, HAS_STEPS);

  private final LedgerDatabase database;

  /** Reads this database. */
  public BatchQueries(LedgerDatabase database) {
    this.database = database;
  }

  /** The batches of which something is left to be done. */
  public OpenBatches open() {
    return batches(IS_OPEN, OpenBatches.MOST);
  }

  /** A batch, however it stands; empty for the id of a member's transfer, too. */
  public Optional<BatchSummary> find(String id) {
    return batches("transfer.id = ?", id, 1).batches().stream().findFirst();
  }

  private OpenBatches batches(String which, Object... values) {
    Map<String, Found> found = new LinkedHashMap<>();
    List<Long> total = new ArrayList<>();
    database
        .jdbc()
        .sql(BATCHES.formatted(which))
        .params(List.of(values))
        .query(
            results -> {
              Row row = new Row(results);
              Found batch = found.get(row.text("id"));
              if (batch == null) {
                batch = Found.of(row);
                found.put(row.text("id"), batch);
                total.add(row.big("total"));
              }
              MemberOutcome outcome = row.constant(MemberOutcome.class, "outcome");
              if (outcome != null) {
                batch.outcomes.put(outcome, row.big("so_many"));
              }
            });
    return new OpenBatches(
        found.values().stream().map(Found::summary).toList(), total.isEmpty() ? 0 : total.get(0));
  }

  /** The open batches of each payer that has any. */
  public Map<String, OpenBatches.OfPayer> openByPayer() {
    Map<String, OpenBatches.OfPayer> open = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT transfer.payer, COUNT(*) AS so_many, MIN(transfer.received_at) AS oldest,
              CURRENT_TIMESTAMP AS now
            FROM member_batch JOIN transfer ON transfer.id = member_batch.id
            WHERE %s GROUP BY transfer.payer"""
                .formatted(IS_OPEN))
        .query(
            results -> {
              Row row = new Row(results);
              open.put(
                  row.text("payer"),
                  new OpenBatches.OfPayer(
                      row.big("so_many"),
                      Duration.between(row.instant("oldest"), row.instant("now"))));
            });
    return open;
  }

  /** How many members of each payer's batches are how far, those of batches that are over too. */
  public Map<String, Map<MemberOutcome, Long>> outcomes() {
    Map<String, Map<MemberOutcome, Long>> outcomes = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT payer, %1$s AS outcome, COUNT(*) AS so_many FROM transfer member
            WHERE batch_id IS NOT NULL GROUP BY payer, %1$s"""
                .formatted(OUTCOME))
        .query(
            results -> {
              Row row = new Row(results);
              outcomes
                  .computeIfAbsent(row.text("payer"), payer -> new EnumMap<>(MemberOutcome.class))
                  .put(row.constant(MemberOutcome.class, "outcome"), row.big("so_many"));
            });
    return outcomes;
  }

  /**
   * A batch while its members are counted.
   *
   * @param bare without them
   */
  private record Found(BatchSummary bare, Map<MemberOutcome, Long> outcomes) {
    static Found of(Row row) throws SQLException {
      return new Found(
          new BatchSummary(
              row.text("id"),
              row.text("payer"),
              BatchPhase.of(
                  row.constant(TransferState.class, "state"),
                  row.flagOrNull("has_steps"),
                  row.flagOrNull("gathers"),
                  row.constant(JobState.class, "match_state"),
                  row.flagOrNull("exports")),
              row.number("members"),
              Map.of(),
              row.instant("received_at"),
              row.instant("due_at")),
          new EnumMap<>(MemberOutcome.class));
    }

    BatchSummary summary() {
      return bare.with(outcomes);
    }
  }
}
