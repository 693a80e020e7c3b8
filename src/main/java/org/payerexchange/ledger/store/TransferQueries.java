package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SinkBacklog;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Stage;

/** The ledger as operators see it: no PHI. */
public final class TransferQueries {
  /** A file that comes as it should changes its job alone. */
  private static final String SUMMARY =
      """
      transfer.*, GREATEST(updated_at, COALESCE((SELECT MAX(updated_at) FROM export_job
        WHERE transfer_id = transfer.id), updated_at)) AS changed_at""";

  private final LedgerDatabase database;

  /** Reads this database. */
  public TransferQueries(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * A page of the transfers that the filter lets through, the latest first.
   *
   * @param page from 0
   * @param size transfers a page, 1 to 1000
   * @throws IllegalArgumentException if page or size is out of bounds
   */
  public TransferPage page(TransferFilter filter, int page, int size) {
    TransferPage.check(page, size);
    TransferFilter.Condition condition = filter.condition(database.embedded());
    long total =
        database
            .jdbc()
            .sql("SELECT COUNT(*) FROM transfer " + condition.where())
            .params(condition.values())
            .query(Long.class)
            .single();
    List<TransferSummary> transfers =
        database
            .jdbc()
            .sql(
                // what is skipped is not looked at beyond its row
                """
                SELECT %s FROM (SELECT * FROM %s
                  ORDER BY received_at DESC, id LIMIT ? OFFSET ?) transfer
                ORDER BY received_at DESC, id"""
                    .formatted(SUMMARY, condition.rows()))
            .params(condition.values())
            .params(size, (long) page * size)
            .query((row, at) -> summary(new Row(row)))
            .list();
    return new TransferPage(withWaiting(transfers), page, total);
  }

  /** One transfer with the first page of each list that belongs to it. */
  public Optional<TransferDetails> find(String transferId) {
    return summary(transferId)
        .map(
            transfer ->
                new TransferDetails(
                    transfer,
                    rows(transferId, TransferPart.JOBS, 0, TransferDetails.Job::of),
                    rows(transferId, TransferPart.FILES, 0, ReportedFile::of),
                    rows(transferId, TransferPart.DELIVERIES, 0, TransferDetails.Delivery::of),
                    rows(transferId, TransferPart.EVENTS, 0, TransferDetails.Event::of),
                    rows(transferId, TransferPart.WARNED, 0, TransferDetails.Warned::of),
                    totals(transferId),
                    openSinks(transferId)));
  }

  /** One transfer in a line. */
  public Optional<TransferSummary> summary(String transferId) {
    return database
        .jdbc()
        .sql("SELECT %s FROM transfer WHERE id = ?".formatted(SUMMARY))
        .param(transferId)
        .query((row, at) -> summary(new Row(row)))
        .list()
        .stream()
        .flatMap(found -> withWaiting(List.of(found)).stream())
        .findFirst();
  }

  private List<TransferSummary> withWaiting(List<TransferSummary> transfers) {
    Map<String, Waiting> waiting =
        Waiting.of(
            database,
            transfers.stream()
                .filter(transfer -> !transfer.state().terminal())
                .map(TransferSummary::id)
                .toList());
    Map<String, NextStep> next =
        NextStep.of(database, transfers.stream().map(TransferSummary::id).toList());
    return transfers.stream()
        .map(transfer -> transfer.waitingFor(waiting.get(transfer.id()), next.get(transfer.id())))
        .toList();
  }

  /**
   * A page of a list that belongs to a transfer.
   *
   * @param page from 0
   */
  public List<?> part(String transferId, TransferPart part, int page) {
    return switch (part) {
      case JOBS -> rows(transferId, part, page, TransferDetails.Job::of);
      case FILES -> rows(transferId, part, page, ReportedFile::of);
      case DELIVERIES -> rows(transferId, part, page, TransferDetails.Delivery::of);
      case EVENTS -> rows(transferId, part, page, TransferDetails.Event::of);
      case WARNED -> rows(transferId, part, page, TransferDetails.Warned::of);
    };
  }

  private <T> List<T> rows(String transferId, TransferPart part, int page, RowReader<T> reader) {
    return database
        .jdbc()
        .sql(part.page())
        .params(transferId, TransferPart.PAGE, (long) page * TransferPart.PAGE)
        .query((row, at) -> reader.read(new Row(row)))
        .list();
  }

  /** How many rows a list that belongs to a transfer has. */
  public long total(String transferId, TransferPart part) {
    return database.jdbc().sql(part.total()).param(transferId).query(Long.class).single();
  }

  private Map<TransferPart, Long> totals(String transferId) {
    Map<TransferPart, Long> totals = new EnumMap<>(TransferPart.class);
    for (TransferPart part : TransferPart.values()) {
      totals.put(part, total(transferId, part));
    }
    return totals;
  }

  private Set<String> openSinks(String transferId) {
    return database
        .jdbc()
        .sql("SELECT DISTINCT sink FROM delivery WHERE transfer_id = ? AND state = 'PENDING'")
        .param(transferId)
        .query(String.class)
        .set();
  }

  /** How many transfers each payer has in each state; rejected records under {@code ""}. */
  public Map<String, Map<TransferState, Long>> counts() {
    return counts(TransferFilter.ALL);
  }

  /** The same of those that the filter lets through. */
  public Map<String, Map<TransferState, Long>> counts(TransferFilter filter) {
    TransferFilter.Condition condition = filter.condition(database.embedded());
    Map<String, Map<TransferState, Long>> counts = new TreeMap<>();
    database
        .jdbc()
        .sql(
            "SELECT payer, state, COUNT(*) AS transfers FROM transfer %s GROUP BY payer, state"
                .formatted(condition.where()))
        .params(condition.values())
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
    return byPayer(
        """
        SELECT file.payer, SUM(bytes) AS total FROM output_file file
        JOIN export_job job ON job.id = file.job_id
        WHERE bytes IS NOT NULL AND job.kind <> 'MEMBER' GROUP BY file.payer""");
  }

  /** How many rows nodes took over from leases that had run out, by payer; of all time. */
  public Map<String, Long> takeovers() {
    return byPayer("SELECT payer, takeovers AS total FROM payer_gate");
  }

  private Map<String, Long> byPayer(String totals) {
    Map<String, Long> found = new TreeMap<>();
    database
        .jdbc()
        .sql(totals)
        .query(
            results -> {
              Row row = new Row(results);
              found.put(row.text("payer"), row.big("total"));
            });
    return found;
  }

  /** What sinks have not had yet; those that have all are absent. */
  public Map<String, SinkBacklog> backlogs() {
    Map<String, SinkBacklog> backlogs = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT open.*, %s AS gate_time FROM (SELECT lane, COUNT(*) AS steps,
              COUNT(failing_since) AS failing, MIN(failing_since) AS since
              FROM step WHERE kind = 'DELIVER' GROUP BY lane) open"""
                .formatted(GateClock.now(Stage.DELIVER, "open.lane")))
        .query(
            results -> {
              Row row = new Row(results);
              Instant since = row.instant("since");
              backlogs.put(
                  row.text("lane"),
                  new SinkBacklog(
                      row.big("steps"),
                      row.big("failing"),
                      since == null
                          ? Duration.ZERO
                          : Duration.between(since, row.instant("gate_time"))));
            });
    return backlogs;
  }

  /**
   * How long the oldest due step of each kind has waited; kinds with nothing due are absent. What a
   * payer is not called for outside its hours has waited since they began.
   */
  public Map<Stage, Duration> oldestDue() {
    Map<Stage, Duration> ages = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      database
          .jdbc()
          .sql(
              """
              SELECT CURRENT_TIMESTAMP AS now, (SELECT due_at FROM step WHERE kind = ?
                AND lane = gate.%1$s AND due_at <= CURRENT_TIMESTAMP
                ORDER BY kind, lane, due_at LIMIT 1) AS oldest,
                CASE WHEN closed_from IS NOT NULL THEN held_counted_at END AS counted_at
              FROM %1$s_gate gate WHERE %2$s"""
                  .formatted(stage == Stage.DELIVER ? "sink" : "payer", DueSteps.taken(stage)))
          .param(stage.name())
          .query(
              results -> {
                Row row = new Row(results);
                Instant oldest = row.instant("oldest");
                if (oldest != null) {
                  Instant opened = stage.callsPayer() ? row.instant("counted_at") : null;
                  ages.merge(
                      stage,
                      Duration.between(
                          opened != null && opened.isAfter(oldest) ? opened : oldest,
                          row.instant("now")),
                      (one, other) -> one.compareTo(other) > 0 ? one : other);
                }
              });
    }
    return ages;
  }

  private static TransferSummary summary(Row row) throws SQLException {
    TransferState state = row.constant(TransferState.class, "state");
    boolean isBatch = row.flagOrNull("is_batch");
    return new TransferSummary(
        row.text("id"),
        row.text("payer"),
        state,
        row.text("request_id"),
        row.text("batch_id"),
        row.text("recurrence_id"),
        row.text("repeat_of"),
        isBatch ? null : row.text("source"),
        isBatch ? null : Integer.valueOf(row.number("record_number")),
        row.reason(),
        row.text("detail"),
        row.number("warnings"),
        row.instant("received_at"),
        row.instant("changed_at"),
        state.terminal() ? row.instant("finished_at") : null,
        null,
        null);
  }

  private interface RowReader<T> {
    T read(Row row) throws SQLException;
  }
}
