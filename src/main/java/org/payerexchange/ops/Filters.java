package org.payerexchange.ops;

import java.util.Set;
import java.util.regex.Pattern;
import org.payerexchange.ledger.TransferFilter;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;

/** Reads which transfers a request is about. */
final class Filters {
  /** Names what a transfer or a batch is called. */
  static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  /** The parameters; {@code status} is another name of {@code state}. */
  static final Set<String> NAMES =
      Set.of(
          "state",
          "status",
          "payer",
          "reason",
          "sink",
          "requestId",
          "source",
          "batch",
          "receivedFrom",
          "receivedUntil");

  private static final int MOST_SOURCE = 1000;
  private static final int MOST_SINK = 500;

  private Filters() {}

  /**
   * What the request's parameters let through.
   *
   * @throws OpsRefusal 400 naming the one that makes no sense
   */
  static TransferFilter of(Asked asked) {
    if (asked.text("state") != null && asked.text("status") != null) {
      throw new OpsRefusal(400, "state and status are the same: one of them, please");
    }
    return new TransferFilter(
        asked.constants(TransferState.class, asked.text("state") == null ? "status" : "state"),
        asked.optional(Payer.ID, "payer"),
        asked.constants(FailureReason.class, "reason"),
        asked.text("sink", MOST_SINK),
        asked.requestId(),
        asked.text("source", MOST_SOURCE),
        asked.optional(ID, "batch"),
        asked.time("receivedFrom"),
        asked.time("receivedUntil"));
  }
}
