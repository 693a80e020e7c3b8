package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/**
 * Who holds this key may call the ops API.
 *
 * @param name of its holder, for the audit trail; empty: nobody in particular
 * @param role what the holder may do
 * @param secret what the holder sends
 */
public record OpsKey(String name, OpsRole role, String secret) {
  /** Who needs none. */
  static final OpsKey NONE = new OpsKey("", OpsRole.OPERATOR, "");

  /** Compares in a time that does not tell how much of it is right. */
  boolean is(String given) {
    return MessageDigest.isEqual(given.getBytes(UTF_8), secret.getBytes(UTF_8));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "%s (%s)".formatted(name, role);
  }
}
