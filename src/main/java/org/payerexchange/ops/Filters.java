package org.payerexchange.ops;

import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.Waiting;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;

/** Reads which transfers a request is about, and knows whose names are right. */
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

  /** As payers and sinks are called. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9.-]{1,63}");

  private static final int MOST_SOURCE = 1000;
  private static final int MOST_SINK = 500;

  private final BiPredicate<TokenClient.Kind, String> known;

  /**
   * Filters of these payers and sinks.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  Filters(BiPredicate<TokenClient.Kind, String> known) {
    this.known = known;
  }

  /**
   * What the request's parameters let through.
   *
   * @throws OpsRefusal 400 naming the one that makes no sense
   */
  TransferFilter of(Asked asked) {
    if (asked.text("state") != null && asked.text("status") != null) {
      throw new OpsRefusal(400, "state and status are the same: one of them, please");
    }
    return new TransferFilter(
        asked.constants(TransferState.class, asked.text("state") == null ? "status" : "state"),
        payer(asked),
        asked.constants(FailureReason.class, "reason"),
        sink(asked),
        asked.requestId(),
        asked.text("source", MOST_SOURCE),
        asked.optional(ID, "batch"),
        asked.time("receivedFrom"),
        asked.time("receivedUntil"));
  }

  /**
   * The payer that is named, or null.
   *
   * @throws OpsRefusal 400 if there neither is nor was one of that name: nothing would be found, as
   *     if nothing had been asked of it
   */
  String payer(Asked asked) {
    return known(TokenClient.Kind.PAYER, asked.optional(Payer.ID, "payer"));
  }

  private String sink(Asked asked) {
    String sink = asked.text("sink", MOST_SINK);
    return Waiting.isOurOwn(sink) ? sink : known(TokenClient.Kind.SINK, sink);
  }

  private String known(TokenClient.Kind kind, String name) {
    if (name != null && !known.test(kind, name)) {
      throw new OpsRefusal(
          400,
          "%s%s is not configured, and nothing was ever asked of it: is its name right?"
              .formatted(kind.key(), NAME.matcher(name).matches() ? " " + name : ""));
    }
    return name;
  }
}
