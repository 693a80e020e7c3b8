package org.payerexchange.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** A date in a header (RFC 9110, section 5.6.7). */
final class HttpDate {
  private HttpDate() {}

  /** The same of a header's value; null for none. */
  static Optional<Instant> read(String value) {
    return Optional.ofNullable(value).map(String::strip).flatMap(HttpDate::parse);
  }

  /** Empty where it cannot be read. */
  static Optional<Instant> parse(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
