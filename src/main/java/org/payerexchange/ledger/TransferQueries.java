package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The ledger as operators see it: no PHI. */
public final class TransferQueries {
  private final LedgerDatabase database;

  /** Reads this database. */
  public TransferQueries(LedgerDatabase database) {
    this.database = database;
  }

  /** A page of the transfers that the filter lets through, the latest first. */
  public TransferPage page(TransferFilter filter) {
    List<String> conditions = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    if (!filter.states().isEmpty()) {
      conditions.add(
          "state IN (" + String.join(", ", filter.states().stream().map(s -> "?").toList()) + ")");
      filter.states().forEach(state -> values.add(state.name()));
    }
    if (filter.payer() != null) {
      conditions.add("payer = ?");
      values.add(filter.payer());
    }
    if (filter.source() != null) {
      conditions.add("RIGHT(source, ?) = ?");
      values.add(filter.source().length());
      values.add(filter.source());
    }
    String where = conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions);
    long total =
        database
            .jdbc()
            .sql("SELECT COUNT(*) FROM transfer " + where)
            .params(values)
            .query(Long.class)
            .single();
    values.add(filter.size());
    values.add((long) filter.page() * filter.size());
    List<TransferSummary> transfers =
        database
            .jdbc()
            .sql(
                "SELECT * FROM transfer %s ORDER BY received_at DESC, id LIMIT ? OFFSET ?"
                    .formatted(where))
            .params(values)
            .query((row, at) -> summary(new Row(row)))
            .list();
    return new TransferPage(transfers, filter.page(), total);
  }

  /** One transfer with its jobs, files, deliveries and events. */
  public Optional<TransferDetails> find(String transferId) {
    return rows("SELECT * FROM transfer WHERE id = ?", transferId, TransferQueries::summary)
        .stream()
        .findFirst()
        .map(
            transfer ->
                new TransferDetails(
                    transfer,
                    rows(
                        "SELECT * FROM export_job WHERE transfer_id = ? ORDER BY id",
                        transferId,
                        TransferQueries::job),
                    rows(
                        "SELECT * FROM output_file WHERE transfer_id = ? ORDER BY number",
                        transferId,
                        TransferQueries::file),
                    rows(
                        """
                        SELECT delivery.* FROM delivery
                        JOIN output_file file ON file.id = delivery.file_id
                        WHERE file.transfer_id = ? ORDER BY file.number, delivery.sink""",
                        transferId,
                        TransferQueries::delivery),
                    rows(
                        "SELECT * FROM transfer_event WHERE transfer_id = ? ORDER BY number",
                        transferId,
                        TransferQueries::event)));
  }

  /** How many transfers each payer has in each state; rejected records under {@code ""}. */
  public Map<String, Map<TransferState, Long>> counts() {
    Map<String, Map<TransferState, Long>> counts = new TreeMap<>();
    database
        .jdbc()
        .sql("SELECT payer, state, COUNT(*) AS transfers FROM transfer GROUP BY payer, state")
        .query(
            results -> {
              Row row = new Row(results);
              String payer = row.text("payer");
              counts
                  .computeIfAbsent(
                      payer == null ? "" : payer, name -> new EnumMap<>(TransferState.class))
                  .put(row.constant(TransferState.class, "state"), row.big("transfers"));
            });
    return counts;
  }

  /** How many bytes of each payer were downloaded whole and checked, as far as the ledger goes. */
  public Map<String, Long> bytes() {
    Map<String, Long> bytes = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT payer, SUM(bytes) AS bytes FROM output_file
            WHERE bytes IS NOT NULL GROUP BY payer""")
        .query(
            results -> {
              Row row = new Row(results);
              bytes.put(row.text("payer"), row.big("bytes"));
            });
    return bytes;
  }

  /** How many rows nodes took over from leases that had run out, by payer; of all time. */
  public Map<String, Long> takeovers() {
    Map<String, Long> takeovers = new TreeMap<>();
    database
        .jdbc()
        .sql("SELECT payer, takeovers FROM payer_gate")
        .query(
            results -> {
              Row row = new Row(results);
              takeovers.put(row.text("payer"), row.big("takeovers"));
            });
    return takeovers;
  }

  /** How long the oldest due row of each stage has waited; stages with nothing due are absent. */
  public Map<Stage, Duration> oldestDue() {
    Map<Stage, Duration> ages = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      database
          .jdbc()
          .sql(
              """
              SELECT CURRENT_TIMESTAMP AS now, (SELECT due_at FROM %s due WHERE due.stage = ?
                AND due.payer = gate.payer AND due.due_at <= CURRENT_TIMESTAMP
                ORDER BY due.stage, due.payer, due.due_at LIMIT 1) AS oldest
              FROM payer_gate gate"""
                  .formatted(stage.table()))
          .param(stage.name())
          .query(
              results -> {
                Row row = new Row(results);
                Instant oldest = row.instant("oldest");
                if (oldest != null) {
                  ages.merge(
                      stage,
                      Duration.between(oldest, row.instant("now")),
                      (one, other) -> one.compareTo(other) > 0 ? one : other);
                }
              });
    }
    return ages;
  }

  private <T> List<T> rows(String sql, String transferId, RowReader<T> reader) {
    return database
        .jdbc()
        .sql(sql)
        .param(transferId)
        .query((row, at) -> reader.read(new Row(row)))
        .list();
  }

  private static TransferSummary summary(Row row) throws SQLException {
    return new TransferSummary(
        row.text("id"),
        row.text("payer"),
        row.constant(TransferState.class, "state"),
        row.text("request_id"),
        row.text("source"),
        row.number("record_number"),
        row.reason(),
        row.text("detail"),
        row.number("warnings"),
        row.instant("received_at"),
        row.instant("updated_at"),
        row.instant("finished_at"));
  }

  private static TransferDetails.Job job(Row row) throws SQLException {
    return new TransferDetails.Job(
        row.big("id"),
        row.constant(JobState.class, "state"),
        row.text("job_id"),
        row.number("polls"),
        row.number("restarts"),
        row.text("progress"),
        row.bigOrNull("resource_count"),
        row.reason(),
        row.text("detail"),
        row.warnings(),
        row.number("attempts"),
        row.instant("due_at"),
        row.instant("started_at"),
        row.instant("finished_at"),
        row.instant("released_at") != null);
  }

  private static TransferDetails.File file(Row row) throws SQLException {
    return new TransferDetails.File(
        row.big("id"),
        row.big("job_id"),
        FileName.of(row.text("resource_type"), row.number("number")),
        row.constant(FileKind.class, "kind"),
        row.text("resource_type"),
        row.number("number"),
        row.constant(FileState.class, "state"),
        row.bigOrNull("expected_count"),
        row.bigOrNull("resources"),
        row.bigOrNull("bytes"),
        row.text("sha256"),
        row.reason(),
        row.text("detail"),
        row.warnings(),
        row.number("attempts"),
        row.instant("due_at"));
  }

  private static TransferDetails.Delivery delivery(Row row) throws SQLException {
    return new TransferDetails.Delivery(
        row.big("id"),
        row.big("file_id"),
        row.text("sink"),
        row.constant(DeliveryState.class, "state"),
        row.big("position"),
        row.reason(),
        row.text("detail"),
        row.warnings(),
        row.number("attempts"),
        row.instant("due_at"));
  }

  private static TransferDetails.Event event(Row row) throws SQLException {
    return new TransferDetails.Event(
        row.number("number"),
        row.instant("at"),
        row.text("actor"),
        row.text("what"),
        row.text("detail"));
  }

  private interface RowReader<T> {
    T read(Row row) throws SQLException;
  }
}
