package org.payerexchange.ledger;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A list of what belongs to a transfer, which is shown in pages. */
public enum TransferPart {
  @JsonProperty("jobs")
  JOBS("export_job listed", "listed.id"),
  @JsonProperty("files")
  FILES("output_file listed", "listed.number"),
  @JsonProperty("deliveries")
  DELIVERIES(
      "delivery listed JOIN output_file file ON file.id = listed.file_id",
      "file.number, listed.sink"),
  @JsonProperty("events")
  EVENTS("transfer_event listed", "listed.number");

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
    return "SELECT listed.* FROM %s WHERE listed.transfer_id = ? ORDER BY %s LIMIT ? OFFSET ?"
        .formatted(from, order);
  }

  /** Takes the transfer's id. */
  String total() {
    return "SELECT COUNT(*) FROM %s WHERE listed.transfer_id = ?".formatted(from);
  }
}
