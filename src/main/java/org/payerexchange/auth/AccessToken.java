package org.payerexchange.auth;

import java.time.Duration;
import java.time.Instant;

/**
 * A bearer token as the cache keeps it.
 *
 * @param value what goes after {@code Bearer}; masked in {@link #toString()}
 * @param issuedAt when it was asked for
 * @param lifetime how long it is valid from then on
 */
public record AccessToken(String value, Instant issuedAt, Duration lifetime) {
  /** When it ceases to be valid. */
  public Instant expiresAt() {
    return issuedAt.plus(lifetime);
  }

  @Override
  public String toString() {
    return "AccessToken[expires %s]".formatted(expiresAt());
  }
}
