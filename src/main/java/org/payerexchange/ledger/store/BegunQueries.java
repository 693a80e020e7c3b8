package org.payerexchange.ledger.store;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.ledger.Begun;
import org.payerexchange.ledger.Row;

/** How open transfers were begun. */
public final class BegunQueries {
  /** A job that runs at the payer goes on in any dialect. */
  private static final String BEGUN =
      """
      CASE
        WHEN state = 'RECEIVED' AND batch_id IS NULL THEN 'ALONE'
        WHEN state = 'RECEIVED' THEN 'IN_BATCH'
        WHEN EXISTS (SELECT 1 FROM export_job job WHERE job.transfer_id = transfer.id
          AND job.kind <> 'MEMBER' AND job.patient_sha256 IS NOT NULL
          AND job.state = 'REQUESTED') THEN 'OF_PATIENT'
        WHEN EXISTS (SELECT 1 FROM export_job part JOIN export_job job ON job.id = part.shared_job
          WHERE part.transfer_id = transfer.id AND part.state = 'REQUESTED'
            AND job.state = 'REQUESTED') THEN 'SHARED'
      END""";

  private final LedgerDatabase database;

  /** Reads this database. */
  public BegunQueries(LedgerDatabase database) {
    this.database = database;
  }

  /** How many open transfers of each payer wait for what only some dialects have. */
  public Map<String, Map<Begun, Long>> byPayer() {
    Map<String, Map<Begun, Long>> counts = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT payer, begun, COUNT(*) AS so_many
            FROM (SELECT payer, %s AS begun FROM transfer
              WHERE state IN ('RECEIVED', 'MATCHED') AND NOT is_batch) open
            WHERE begun IS NOT NULL GROUP BY payer, begun"""
                .formatted(BEGUN))
        .query(
            results -> {
              Row row = new Row(results);
              counts
                  .computeIfAbsent(row.text("payer"), payer -> new EnumMap<>(Begun.class))
                  .put(row.constant(Begun.class, "begun"), row.big("so_many"));
            });
    return counts;
  }
}
