package org.payerexchange.export;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A manifest's {@code transactionTime}. The standard wants an instant ({@code
 * 2026-11-20T10:00:00.000Z}); servers also send offsets without a colon or without minutes, small
 * letters, a blank for the T, a comma, any number of digits behind the second, none, no offset, a
 * date alone, an HTTP date, a zone's name in brackets, and seconds or milliseconds since 1970.
 */
final class TransactionTime {
  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)"
              + "(?:[T\\s]\\s*(\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?)\\d*\\s*"
              + "(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?(?:\\[[^\\]]*])?)?",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern NUMBER = Pattern.compile("\\d{1,19}(\\.\\d{1,30})?(E\\d{1,2})?");

  /** The earliest that a local time can be: nothing is left out by asking from there. */
  private static final ZoneOffset FARTHEST_EAST = ZoneOffset.ofHours(14);

  /** A smaller number is no time of this century. */
  private static final BigDecimal SMALLEST_SECONDS = new BigDecimal("1E9");

  private static final BigDecimal SMALLEST_MILLIS = new BigDecimal("1E11");
  private static final BigDecimal LARGEST_MILLIS = new BigDecimal("1E14");

  private TransactionTime() {}

  /**
   * The earliest instant that the payer can have meant.
   *
   * @param text what it wrote, or null
   * @return empty if it cannot be read
   */
  static Optional<Instant> earliest(String text) {
    if (text == null) {
      return Optional.empty();
    }
    String time = text.strip();
    try {
      Matcher iso = ISO.matcher(time);
      if (iso.matches()) {
        return Optional.of(instant(iso));
      }
      return NUMBER.matcher(time).matches()
          ? sinceEpoch(new BigDecimal(time))
          : Optional.of(
              ZonedDateTime.parse(time, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  private static Instant instant(Matcher iso) {
    String time = iso.group(2) == null ? "00:00" : iso.group(2).replace(',', '.');
    return LocalDateTime.parse(iso.group(1) + "T" + time).toInstant(offset(iso.group(3)));
  }

  private static ZoneOffset offset(String zone) {
    if (zone == null) {
      return FARTHEST_EAST;
    }
    return Character.isLetter(zone.charAt(0)) ? ZoneOffset.UTC : ZoneOffset.of(zone);
  }

  private static Optional<Instant> sinceEpoch(BigDecimal number) {
    if (number.compareTo(SMALLEST_SECONDS) < 0 || number.compareTo(LARGEST_MILLIS) > 0) {
      return Optional.empty();
    }
    return Optional.of(
        number.compareTo(SMALLEST_MILLIS) < 0
            ? Instant.ofEpochSecond(number.longValue())
            : Instant.ofEpochMilli(number.longValue()));
  }
}
