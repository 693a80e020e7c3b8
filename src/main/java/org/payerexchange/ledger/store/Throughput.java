package org.payerexchange.ledger.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.payerexchange.ledger.Row;

/** How many transfers have ended in each minute of the last hour. */
public final class Throughput {
  private static final int MINUTES = 60;

  private final LedgerDatabase database;

  /** Reads this database. */
  public Throughput(LedgerDatabase database) {
    this.database = database;
  }

  /** The minutes until now, by the database's clock, the oldest first; the last one still runs. */
  public List<Minute> lastHour() {
    Instant now =
        database
            .jdbc()
            .sql("SELECT CURRENT_TIMESTAMP AS now")
            .query((row, at) -> new Row(row).instant("now"))
            .single()
            .truncatedTo(ChronoUnit.MINUTES);
    Instant first = now.minus(MINUTES - 1L, ChronoUnit.MINUTES);
    Map<Long, Minute> ended = new HashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT began, COUNT(*) AS ended, COUNT(CASE WHEN state = 'COMPLETE' THEN 1 END) AS whole
            FROM (SELECT state, CAST(FLOOR(EXTRACT(EPOCH FROM finished_at) / 60) AS BIGINT) AS began
              FROM transfer WHERE finished_at >= ? AND NOT is_batch
              AND state NOT IN ('RECEIVED', 'MATCHED')) transfer
            GROUP BY began""")
        .param(LedgerDatabase.time(first))
        .query(
            results -> {
              Row row = new Row(results);
              long minute = row.big("began");
              long whole = row.big("whole");
              ended.put(minute, new Minute(start(minute), whole, row.big("ended") - whole));
            });
    return LongStream.range(0, MINUTES)
        .map(minute -> first.getEpochSecond() / 60 + minute)
        .mapToObj(minute -> ended.getOrDefault(minute, new Minute(start(minute), 0, 0)))
        .toList();
  }

  private static Instant start(long minute) {
    return Instant.ofEpochSecond(minute * 60);
  }

  /**
   * What ended in a minute.
   *
   * @param at when it began
   * @param complete transfers that ended as they should
   * @param other those that ended otherwise, rejected records as well
   */
  public record Minute(Instant at, long complete, long other) {}
}
