package org.payerexchange.ops;

import java.util.Map;
import java.util.function.Supplier;

/** Our public keys as a JWK Set (RFC 7517), for whoever checks our assertions. */
public final class KeySet {
  private final boolean published;
  private final Supplier<Map<String, Object>> keys;

  /**
   * The bean {@code keySet}.
   *
   * @param published whether it is asked for at all
   * @param keys the JWK Set as it is now, public parts alone
   */
  public KeySet(boolean published, Supplier<Map<String, Object>> keys) {
    this.published = published;
    this.keys = keys;
  }

  /**
   * The JWK Set.
   *
   * @throws OpsRefusal 404 where it is not published
   */
  public Map<String, Object> show() {
    if (!published) {
      throw new OpsRefusal(404, "keys are not published, p2p.ops.publish-keys is false");
    }
    return keys.get();
  }
}
