package org.payerexchange.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The {@code Expires} header (RFC 9111, section 5.3). Frameworks send it for caches with all that
 * they answer, mostly as a time that is over: what is no time to plan with counts as absent.
 */
public final class Expires {
  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(366);

  private Expires() {}

  /**
   * Reads a header value.
   *
   * @param value the header's value, null for none
   * @param date the answer's {@code Date}, from which on it counts where the server's clock differs
   *     from ours; null for none
   * @return when that is by our clock; empty where it cannot be read, or is nearer than a minute or
   *     farther than a year
   */
  public static Optional<Instant> parse(String value, String date, Clock clock) {
    Instant now = clock.instant();
    Instant sent = HttpDate.read(date).orElse(now);
    return HttpDate.read(value)
        .map(until -> Duration.between(sent, until))
        .filter(left -> left.compareTo(SHORTEST) >= 0 && left.compareTo(LONGEST) <= 0)
        .map(now::plus);
  }
}
