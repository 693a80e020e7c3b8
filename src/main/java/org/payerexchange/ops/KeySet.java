package org.payerexchange.ops;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;

/** Our public keys as a JWK Set (RFC 7517), for whoever checks our assertions. */
public final class KeySet {
  /** Reading keys costs more than asking for them, which anybody may. */
  private static final Duration SHOWN_AGAIN = Duration.ofSeconds(5);

  private final boolean published;
  private final Supplier<Map<String, Object>> keys;
  private final Clock clock;
  private Map<String, Object> shown;
  private Instant until = Instant.MIN;

  /**
   * The bean {@code keySet}.
   *
   * @param published whether it is asked for at all
   * @param keys the JWK Set as it is now, public parts alone
   * @param clock tells when it is to be read again
   */
  public KeySet(boolean published, Supplier<Map<String, Object>> keys, Clock clock) {
    this.published = published;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * The JWK Set, as it was a few seconds ago at the most.
   *
   * @throws OpsRefusal 404 where it is not published
   */
  public synchronized Map<String, Object> show() {
    if (!published) {
      throw new OpsRefusal(404, "keys are not published, p2p.ops.publish-keys is false");
    }
    Instant now = clock.instant();
    if (!now.isBefore(until)) {
      shown = keys.get();
      until = now.plus(SHOWN_AGAIN);
    }
    return shown;
  }
}
