package org.payerexchange.ledger;

import java.time.Duration;
import java.time.Instant;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.FailureReason;

/**
 * A payer or a sink that is held because its token endpoint refuses the client.
 *
 * @param kind whether it is all steps that call a payer or all deliveries to a sink
 * @param name the payer's id, or what the ledger calls the sink
 * @param since when it was refused first
 * @param time how long that is ago
 * @param why the endpoint's latest answer in words
 */
public record TokenHold(
    TokenClient.Kind kind, String name, Instant since, Duration time, String why) {
  /** What the operator does: nothing of it passes by itself. */
  public static final String ADVICE =
      "look at client-id, scope, token-url, token-auth and what shows who we are: client-secret and encode-credentials, private-key-file, key-store";

  /** What is held, for operators: {@code payer bison}. */
  public String what() {
    return key() + " " + name;
  }

  /** What operators see of it. */
  Hold hold() {
    return new Hold(key(), name, since, time, FailureReason.TOKEN_REFUSED, why + ": " + ADVICE);
  }

  /** The table of what may be held; its key is called as the kind. */
  static String table(TokenClient.Kind kind) {
    return kind.key() + "_gate";
  }

  /** {@code payer} or {@code sink}. */
  public String key() {
    return kind.key();
  }
}
