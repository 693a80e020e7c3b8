package org.payerexchange.intake;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A FHIR R4 {@code dateTime}: a year, a month, a day, or a time with seconds and zone.
 *
 * @param first the first day (UTC) that it means
 * @param last the last one, the same for a day or a time
 */
record FhirDate(LocalDate first, LocalDate last) {
  /** The length of a text that names a day. */
  static final int DAY = 10;

  private static final Pattern DAYS = Pattern.compile("(?!0000)\\d{4}(-\\d{2}(-\\d{2})?)?");
  private static final Pattern TIME =
      Pattern.compile(
          "(?!0000)\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?"
              + "(Z|[+-](0\\d|1[0-3]):[0-5]\\d|[+-]14:00)");
  private static final int YEAR = 4;
  private static final int MONTH = 7;
  private static final int SECOND = 19;

  /** The date that the text is, or nothing if it is none of FHIR's or of the calendar. */
  static Optional<FhirDate> of(String text) {
    try {
      if (DAYS.matcher(text).matches()) {
        return Optional.of(days(text));
      }
      return TIME.matcher(text).matches() ? Optional.of(time(text)) : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static FhirDate days(String text) {
    int year = Integer.parseInt(text, 0, YEAR, 10);
    if (text.length() == YEAR) {
      return new FhirDate(LocalDate.of(year, 1, 1), LocalDate.of(year, 12, 31));
    }
    int month = Integer.parseInt(text, YEAR + 1, MONTH, 10);
    if (text.length() == MONTH) {
      YearMonth whole = YearMonth.of(year, month);
      return new FhirDate(whole.atDay(1), whole.atEndOfMonth());
    }
    LocalDate day = LocalDate.of(year, month, Integer.parseInt(text, MONTH + 1, DAY, 10));
    return new FhirDate(day, day);
  }

  private static FhirDate time(String text) {
    // A leap second belongs to the second before; fractions change no day.
    String second = text.substring(0, SECOND).replace(":60", ":59");
    String zone = text.substring(SECOND).replaceFirst("^\\.\\d+", "");
    LocalDate day =
        OffsetDateTime.parse(second + zone).withOffsetSameInstant(ZoneOffset.UTC).toLocalDate();
    return new FhirDate(day, day);
  }
}
