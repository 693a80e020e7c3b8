package org.payerexchange.ledger;

import java.time.Duration;
import java.time.Instant;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.FailureReason;

/**
 * A payer or a sink that is held because there is no token for it.
 *
 * @param kind whether it is all steps that call a payer or all deliveries to a sink
 * @param name the payer's id, or what the ledger calls the sink
 * @param since since when for this reason
 * @param time how long that is ago
 * @param reason whether the endpoint refuses the client, or a file of ours cannot be used
 * @param why the latest of it in words
 * @param until when its steps fail, or null for as long as it takes
 */
public record TokenHold(
    TokenClient.Kind kind,
    String name,
    Instant since,
    Duration time,
    FailureReason reason,
    String why,
    Instant until) {
  /** What the operator does about a refusal: it does not pass by itself. */
  private static final String ADVICE =
      "look at client-id, scope, token-url, token-auth, token-parameters and what shows who we are: client-secret and encode-credentials, private-key-file, key-store";

  /** What is held, for operators: {@code payer bison}. */
  public String what() {
    return key() + " " + name;
  }

  /** What operators see of it. */
  public Hold hold() {
    return new Hold(key(), name, since, time, reason, advised(reason, why), until);
  }

  /** The same words with what the operator does; a file of ours is named in them already. */
  public static String advised(FailureReason reason, String why) {
    return reason == FailureReason.TOKEN_REFUSED ? why + ": " + ADVICE : why;
  }

  /** {@code payer} or {@code sink}. */
  public String key() {
    return kind.key();
  }
}
