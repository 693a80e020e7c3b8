package org.payerexchange.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A date in a header in any of its three forms (RFC 9110, section 5.6.7). */
final class HttpDate {
  /** Such dates are of yesterday, not of the next century. */
  private static final int FIRST_OF_TWO_DIGITS = 1980;

  private static final DateTimeFormatter FORMS =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("[d MMM yyyy HH:mm[:ss]][MMM d HH:mm:ss yyyy][d-MMM-")
          .appendValueReduced(ChronoField.YEAR, 2, 2, FIRST_OF_TWO_DIGITS)
          .appendPattern(" HH:mm:ss][ xx][ zzz]")
          .toFormatter(Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /** It adds nothing, and not every server counts it right. */
  private static final Pattern WEEKDAY = Pattern.compile("^\\p{Alpha}{3,9}(, *| +(?=\\p{Alpha}))");

  private static final Pattern BLANKS = Pattern.compile(" {2,}");

  private HttpDate() {}

  /** The same of a header's value; null for none. */
  static Optional<Instant> read(String value) {
    return Optional.ofNullable(value).map(String::strip).flatMap(HttpDate::parse);
  }

  /** Empty where it cannot be read. */
  static Optional<Instant> parse(String text) {
    String date = BLANKS.matcher(WEEKDAY.matcher(text).replaceFirst("")).replaceAll(" ");
    try {
      return Optional.of(FORMS.parse(date, Instant::from));
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }
}
