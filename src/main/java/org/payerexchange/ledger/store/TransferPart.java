package org.payerexchange.ledger.store;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A list of what belongs to a transfer, which is shown in pages. */
public enum TransferPart {
  @JsonProperty("jobs")
  JOBS(Steps.with("export_job"), "id"),
  @JsonProperty("files")
  FILES(Steps.with("output_file"), "number"),
  @JsonProperty("deliveries")
  DELIVERIES(
      """
      (SELECT delivery.*,
        (SELECT COUNT(*) FROM output_file file WHERE %1$s) AS delivered,
        (SELECT COUNT(*) FROM output_file file WHERE file.transfer_id = delivery.transfer_id
          AND (file.state = 'PENDING' AND NOT (whole AND kind = 'ERROR')
          OR file.state = 'STORED' AND %2$s IS NOT NULL)) AS files,
        position + COALESCE((SELECT SUM(file.resources) FROM output_file file WHERE %1$s), 0)
          AS resources
      FROM %3$s delivery)"""
          .formatted(
              "file.transfer_id = delivery.transfer_id AND file.state = 'STORED' AND "
                  + TransferPart.TURN
                  + " < delivery.place",
              TransferPart.TURN,
              Steps.with("delivery")),
      "sink"),
  @JsonProperty("events")
  EVENTS("transfer_event", "number"),
  /** Those of the other lists that have warnings; jobs first, then files, then deliveries. */
  @JsonProperty("warned")
  WARNED(
      """
      (SELECT transfer_id, 'JOBS' AS part, 0 AS number, id, CAST(NULL AS VARCHAR) AS resource_type,
        CAST(NULL AS VARCHAR) AS sink, warnings
      FROM export_job WHERE warnings IS NOT NULL
      UNION ALL SELECT transfer_id, 'FILES', number, id, resource_type, NULL, warnings
      FROM output_file WHERE warnings IS NOT NULL
      UNION ALL SELECT transfer_id, 'DELIVERIES', 0, id, NULL, sink, warnings
      FROM delivery WHERE warnings IS NOT NULL)""",
      "part DESC, number, sink, id");

  private static final String TURN = "CASE WHEN whole THEN file.whole_turn ELSE file.turn END";

  /** How many rows are on a page. */
  public static final int PAGE = 200;

  private final String from;
  private final String order;

  TransferPart(String from, String order) {
    this.from = from;
    this.order = order;
  }

  /** Takes the transfer's id, the most rows, and how many are left out. */
  String page() {
    return "SELECT * FROM %s listed WHERE listed.transfer_id = ? ORDER BY %s LIMIT ? OFFSET ?"
        .formatted(from, order);
  }

  /** Takes the transfer's id. */
  String total() {
    return "SELECT COUNT(*) FROM %s listed WHERE listed.transfer_id = ?".formatted(from);
  }
}
