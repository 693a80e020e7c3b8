package org.payerexchange.http;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The {@code Retry-After} header (RFC 9110, section 10.2.3): seconds or an HTTP date, and, as real
 * servers send it, an epoch timestamp in seconds or milliseconds.
 */
public final class RetryAfter {
  /** Ten years: a larger number of "seconds" is a point in time, and a later time is nonsense. */
  private static final long LARGEST_DELAY_SECONDS = 315_360_000L;

  /** A larger epoch timestamp counts milliseconds. */
  private static final long LARGEST_EPOCH_SECONDS = 99_999_999_999L;

  /**
   * One answer of a confused server, such as milliseconds for seconds, stops its calls no longer.
   */
  private static final Duration LONGEST = Duration.ofDays(1);

  /** A date has a comma of its own behind the day of the week. */
  private static final Pattern BETWEEN_VALUES =
      Pattern.compile("(?<!mon|tue|wed|thu|fri|sat|sun|day),", Pattern.CASE_INSENSITIVE);

  private RetryAfter() {}

  /**
   * Reads a header value; the longest of several, separated by commas.
   *
   * @param value the header's value; null, blank or unreadable gives an empty answer
   * @param date the answer's {@code Date}, from which on a point in time counts where the server's
   *     clock differs from ours; null for none
   * @return the time to wait, a day where it is longer; empty for a point in time that is over
   */
  public static Optional<Duration> parse(String value, String date, Clock clock) {
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    return BETWEEN_VALUES
        .splitAsStream(value)
        .flatMap(each -> one(each.strip(), date, clock).stream())
        .max(Comparator.naturalOrder());
  }

  private static Optional<Duration> one(String text, String date, Clock clock) {
    Optional<Duration> wait =
        text.matches("\\d{1,18}(\\.\\d+)?")
            ? number(text, date, clock)
            : HttpDate.parse(text).flatMap(until -> until(until, date, clock));
    return wait.filter(duration -> duration.toSeconds() <= LARGEST_DELAY_SECONDS)
        .map(duration -> duration.compareTo(LONGEST) > 0 ? LONGEST : duration);
  }

  private static Optional<Duration> number(String text, String date, Clock clock) {
    int point = text.indexOf('.');
    long number = Long.parseLong(point < 0 ? text : text.substring(0, point));
    if (number <= LARGEST_DELAY_SECONDS) {
      return Optional.of(Duration.ofSeconds(point < 0 ? number : number + 1));
    }
    try {
      Instant until =
          number <= LARGEST_EPOCH_SECONDS
              ? Instant.ofEpochSecond(number)
              : Instant.ofEpochMilli(number);
      return until(until, date, clock);
    } catch (DateTimeException | ArithmeticException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> until(Instant until, String date, Clock clock) {
    Instant sent = HttpDate.read(date).orElseGet(clock::instant);
    return Optional.of(Duration.between(sent, until))
        .filter(left -> !left.isNegative() && !left.isZero());
  }
}
